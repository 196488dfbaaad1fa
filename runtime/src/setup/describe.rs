//! Writes the manifest of the program's setup, which `cargo instrumental` reads, instead of turning telemetry on.

use super::features;
use crate::base::settings::{self, ConfigErrors};
use crate::ops::manifest::{self, Backend, Setup};
use crate::pipeline::{Config, Configured};

/// The variable that requests the manifest: the path to write it to, or `-` for standard output.
const VARIABLE: &str = "INSTRUMENTAL_MANIFEST";

/// Prefixes of the variables that configure telemetry.
const PREFIXES: [&str; 10] = [
    "DD_",
    "DATADOG_",
    "SENTRY_",
    "OTEL_",
    "LOG_",
    "RUST_LOG",
    "TRACE_",
    "PROMETHEUS_",
    "INSTRUMENTAL_",
    "SUMMARY",
];
/// Other variables that affect the connections to backends.
const OTHERS: [&str; 10] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SSL_VERIFY",
];
/// Words in the names of variables whose values may be secret.
const SECRETS: [&str; 8] = [
    "DSN", "KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "HEADERS", "AUTH",
];

/// Writes the manifest and exits the process, if [`VARIABLE`] is set.
pub(super) fn exit_if_requested(
    config: &Config,
    backends: &[Box<dyn Configured>],
    errors: &ConfigErrors,
) {
    let Some(path) = settings::text(&[VARIABLE]) else {
        return;
    };
    let text = manifest::json(&setup(config, backends, errors));
    let written = if path == "-" {
        use std::io::Write as _;
        std::io::stdout().write_all(text.as_bytes())
    } else {
        std::fs::write(&path, text)
    };
    if let Err(error) = written {
        eprintln!("{VARIABLE}: cannot write {path}: {error}");
        std::process::exit(1);
    }
    std::process::exit(0);
}

fn setup(config: &Config, backends: &[Box<dyn Configured>], errors: &ConfigErrors) -> Setup {
    let backends = backends.iter();
    Setup {
        identity: config.identity.clone(),
        faults: errors.0.iter().map(ToString::to_string).collect(),
        features: features::names(),
        log_filter: config.filter.to_string(),
        sampling: config.sampling.clone(),
        backends: backends
            .filter_map(|backend| describe(&**backend))
            .collect(),
        environment: environment(),
        asked: settings::variables_read(),
    }
}

/// Describes a backend that has endpoints. Secrets are removed from the addresses.
fn describe(backend: &dyn Configured) -> Option<Backend> {
    let endpoints = backend.endpoints().into_iter();
    let endpoints = endpoints.map(|(signal, address)| (signal, settings::bare(&address)));
    let endpoints: Vec<_> = endpoints.collect();
    (!endpoints.is_empty()).then(|| Backend {
        name: backend.name(),
        endpoints,
        error_sample_rate: backend.error_sample_rate(),
    })
}

/// Returns the variables that configure telemetry, without secret values.
fn environment() -> Vec<(String, String)> {
    let is_relevant = |name: &str| {
        OTHERS.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let all = std::env::vars_os();
    let all = all.map(|(name, value)| (lossy(&name), lossy(&value)));
    let relevant =
        all.filter(|(name, value)| is_relevant(name) && name != VARIABLE && !value.is_empty());
    let redact = |(name, value): (String, String)| {
        let upper = name.to_ascii_uppercase();
        let value = if SECRETS.iter().any(|word| upper.contains(word)) {
            "…".to_owned()
        } else if value.contains("://") || value.contains('@') {
            settings::bare(&value)
        } else {
            value
        };
        (name, value)
    };
    let mut relevant: Vec<_> = relevant.map(redact).collect();
    relevant.sort();
    relevant
}

fn lossy(text: &std::ffi::OsStr) -> String {
    text.to_string_lossy().into_owned()
}
