//! Invalid exporters and processors. Nothing is installed, because each `init()` fails.

use instrumental::builder;
use instrumental::export::{Batch, ExportError, Exporter};

struct Discard;

impl Exporter for Discard {
    fn export(&mut self, _: &Batch<'_>) -> Result<(), ExportError> {
        Ok(())
    }
}

fn faults(names: &[&'static str]) -> Vec<String> {
    let builder = names
        .iter()
        .fold(builder(), |builder, name| builder.exporter(name, Discard));
    let error = builder.init().expect_err("an error");
    error.faults().collect()
}

#[test]
fn all_names_of_exporters_are_checked_at_once() {
    assert_eq!(
        faults(&["", "a b", "sentry", "console", "twice", "twice", "fine"]),
        [
            "an exporter has an empty name: give it one, such as `archive`",
            "exporter name \"a b\" must consist of ASCII letters, digits, `_`, `-` and `.`",
            "exporter name \"sentry\" is that of a built-in backend: choose another",
            "exporter name \"console\" is that of a built-in backend: choose another",
            "two exporters are named \"twice\": give each a name of its own",
        ]
    );
}

#[test]
fn a_retry_is_delayed_by_a_minute_at_most() {
    use std::time::Duration;
    let retry = |seconds| ExportError::retry("HTTP 429").after(Duration::from_secs(seconds));
    assert_eq!(retry(3600), retry(60));
    assert_ne!(retry(3600), retry(59));
    assert_eq!(retry(1).to_string(), "HTTP 429");
    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    assert_eq!(
        ExportError::from(refused),
        ExportError::retry("connection refused")
    );
}
