//! The TLS settings of the OTLP exporter specification.

use crate::base::settings::{self, ConfigErrors};
use crate::pipeline::transport::tls::{PemFile, Tls, Variables};

/// The names of the variables of one signal, or of all signals.
pub(super) struct Names {
    pub(super) authorities: &'static str,
    pub(super) certificate: &'static str,
    pub(super) key: &'static str,
}

/// Returns the names of one signal, `names!("TRACES_")`, or of all signals, `names!("")`.
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

/// The variables that error messages suggest.
const VARIABLES: Variables = Variables {
    authorities: "OTEL_EXPORTER_OTLP_CERTIFICATE or SSL_CERT_FILE",
    identity: Some("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY"),
};

/// The files that the variables name.
pub(super) struct Files {
    authorities: Option<PemFile>,
    certificate: Option<PemFile>,
    key: Option<PemFile>,
}

/// Reads the variables of all signals.
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

/// Reads the TLS settings of one signal, whose own files override those of all signals. The files are checked only if the
/// signal uses TLS.
pub(super) fn read(own: &Names, common: &Files, is_secure: bool, errors: &mut ConfigErrors) -> Tls {
    let own = files(own);
    let or = |own: Option<PemFile>, common: &Option<PemFile>| own.or_else(|| common.clone());
    let certificate = or(own.certificate, &common.certificate);
    let key = or(own.key, &common.key);
    let mut found = Vec::new();
    let incomplete = |file: &PemFile, missing: &str| {
        format!(
            "{} is set, but {missing} is not: set both or none",
            file.variable
        )
    };
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (Some(certificate), None) => {
            found.push(incomplete(&certificate, "OTEL_EXPORTER_OTLP_CLIENT_KEY"));
            None
        }
        (None, Some(key)) => {
            found.push(incomplete(&key, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"));
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
        found.extend(tls.check().err().into_iter().flatten());
        for error in found {
            // Several signals may use the same file.
            if !errors.0.iter().any(|known| known.to_string() == error) {
                errors.part(error);
            }
        }
    }
    tls
}
