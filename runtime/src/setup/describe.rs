//! What the program would do, told instead of done: for `cargo instrumental`.

use super::features;
use crate::base::settings::{self, ConfigErrors};
use crate::ops::manifest::{self, Backend, Setup};
use crate::pipeline::{Config, Configured};

/// Where the manifest is to be written: a path, or `-` for standard output.
const VARIABLE: &str = "INSTRUMENTAL_MANIFEST";

/// Variables that say how telemetry is set up begin so.
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
/// Others that change where telemetry gets to.
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
/// A variable whose name holds one of these may hold a secret.
const SECRETS: [&str; 8] = [
    "DSN", "KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "HEADERS", "AUTH",
];

/// Writes the manifest and ends the process, where that is asked for.
pub(super) fn if_asked(config: &Config, backends: &[Box<dyn Configured>], faults: &ConfigErrors) {
    let Some(path) = settings::text(&[VARIABLE]) else {
        return;
    };
    let text = manifest::json(&setup(config, backends, faults));
    let written = if path == "-" {
        use std::io::Write as _;
        std::io::stdout().write_all(text.as_bytes())
    } else {
        std::fs::write(&path, text)
    };
    if let Err(error) = written {
        eprintln!("{VARIABLE}: {path} is not written: {error}");
        std::process::exit(1);
    }
    std::process::exit(0);
}

fn setup(config: &Config, backends: &[Box<dyn Configured>], faults: &ConfigErrors) -> Setup {
    let backends = backends.iter();
    Setup {
        identity: config.identity.clone(),
        faults: faults.0.iter().map(ToString::to_string).collect(),
        features: features::names(),
        log_filter: config.filter.to_string(),
        sampling: config.sampling.clone(),
        backends: backends
            .filter_map(|backend| described(&**backend))
            .collect(),
        environment: environment(),
        asked: settings::variables_read(),
    }
}

/// The backends that have endpoints, with addresses that hold no secrets.
fn described(backend: &dyn Configured) -> Option<Backend> {
    let endpoints = backend.endpoints().into_iter();
    let endpoints = endpoints.map(|(signal, address)| (signal, settings::bare(&address)));
    let endpoints: Vec<_> = endpoints.collect();
    (!endpoints.is_empty()).then(|| Backend {
        name: backend.name(),
        endpoints,
        error_sample_rate: backend.error_sample_rate(),
    })
}

fn environment() -> Vec<(String, String)> {
    let is_ours = |name: &str| {
        OTHERS.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let texts = std::env::vars_os();
    let texts = texts.map(|(name, value)| (lossy(&name), lossy(&value)));
    let ours = texts.filter(|(name, value)| is_ours(name) && name != VARIABLE && !value.is_empty());
    let shown = |(name, value): (String, String)| {
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
    let mut ours: Vec<_> = ours.map(shown).collect();
    ours.sort();
    ours
}

fn lossy(text: &std::ffi::OsStr) -> String {
    text.to_string_lossy().into_owned()
}
