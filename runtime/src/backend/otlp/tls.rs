//! Settings of TLS, as OpenTelemetry's specification of exporters names them.

use crate::base::settings::{self, ConfigErrors};
use crate::pipeline::transport::tls::{PemFile, Tls, Variables};

/// Names of the variables of a signal, or of all.
pub(super) struct Names {
    pub(super) authorities: &'static str,
    pub(super) certificate: &'static str,
    pub(super) key: &'static str,
}

/// `names!("TRACES_")`, or of all signals `names!("")`.
macro_rules! names {
    ($signal:literal) => {
        crate::backend::otlp::tls::Names {
            authorities: concat!("OTEL_EXPORTER_OTLP_", $signal, "CERTIFICATE"),
            certificate: concat!("OTEL_EXPORTER_OTLP_", $signal, "CLIENT_CERTIFICATE"),
            key: concat!("OTEL_EXPORTER_OTLP_", $signal, "CLIENT_KEY"),
        }
    };
}
pub(super) use names;

/// What messages suggest.
const VARIABLES: Variables = Variables {
    authorities: "OTEL_EXPORTER_OTLP_CERTIFICATE or SSL_CERT_FILE",
    identity: Some("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY"),
};

/// The files that variables name.
pub(super) struct Files {
    authorities: Option<PemFile>,
    certificate: Option<PemFile>,
    key: Option<PemFile>,
}

/// The files of all signals.
pub(super) fn common() -> Files {
    files(&names!(""))
}

fn files(names: &Names) -> Files {
    let file = |variable: &'static str| {
        let path = settings::text(&[variable])?.into();
        Some(PemFile { variable, path })
    };
    Files {
        authorities: file(names.authorities),
        certificate: file(names.certificate),
        key: file(names.key),
    }
}

/// TLS of one signal, whose own files replace those of all. The files are checked where they are going to be used.
pub(super) fn read(own: &Names, common: &Files, is_secure: bool, faults: &mut ConfigErrors) -> Tls {
    let own = files(own);
    let or = |own: Option<PemFile>, common: &Option<PemFile>| own.or_else(|| common.clone());
    let certificate = or(own.certificate, &common.certificate);
    let key = or(own.key, &common.key);
    let mut errors = Vec::new();
    let alone = |file: &PemFile, missing: &str| {
        format!(
            "{} is set, but {missing} is not: set both or none",
            file.variable
        )
    };
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (Some(certificate), None) => {
            errors.push(alone(&certificate, "OTEL_EXPORTER_OTLP_CLIENT_KEY"));
            None
        }
        (None, Some(key)) => {
            errors.push(alone(&key, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"));
            None
        }
        (None, None) => None,
    };
    let tls = Tls {
        authorities: or(own.authorities, &common.authorities),
        identity,
        variables: VARIABLES,
    };
    if is_secure {
        errors.extend(tls.check().err().into_iter().flatten());
        for error in errors {
            // The same file may be used for several signals.
            if !faults.0.iter().any(|fault| fault.to_string() == error) {
                faults.part(error);
            }
        }
    }
    tls
}
