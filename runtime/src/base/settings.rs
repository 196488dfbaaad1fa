//! Reading settings: the program's own go before the environment's, and every fault is told at once.

use crate::base::sync::lock;
use std::collections::BTreeSet;
use std::fmt;
use std::panic::Location;
use std::sync::Mutex;
use std::time::Duration;

/// One fault.
#[derive(Debug)]
pub(crate) enum ConfigError {
    /// A value that cannot be read. Where it comes from, what it is, what it should be.
    Value {
        name: &'static str,
        value: String,
        expected: &'static str,
    },
    /// Something that the settings name is not to be had. The whole sentence.
    Part(String),
    /// Telemetry is on already.
    Installed(&'static Location<'static>),
    /// The application has a subscriber of its own.
    Subscriber,
    /// No thread.
    Thread(std::io::Error),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { name, value, expected } => {
                write!(f, "{name} is {value:?}, expected {expected}")
            }
            Self::Part(text) => f.write_str(text),
            Self::Installed(first) => write!(f, "telemetry is already on, since {first}"),
            Self::Subscriber => f.write_str(
                "a `tracing` subscriber is already installed: either leave it to `init()`, or do not call `init()` and \
                 annotated calls will feed that subscriber",
            ),
            Self::Thread(error) => write!(f, "a background thread does not start: {error}"),
        }
    }
}

/// What is wrong so far.
#[derive(Debug, Default)]
pub(crate) struct ConfigErrors(pub(crate) Vec<ConfigError>);

impl ConfigErrors {
    /// Notes a value that cannot be read.
    pub(crate) fn value(
        &mut self,
        name: &'static str,
        value: impl Into<String>,
        expected: &'static str,
    ) {
        self.0.push(ConfigError::Value {
            name,
            value: value.into(),
            expected,
        });
    }

    /// Notes something that is not to be had.
    pub(crate) fn part(&mut self, text: impl Into<String>) {
        self.0.push(ConfigError::Part(text.into()));
    }
}

/// Every variable that was asked for: settings are read once, so there is no list to keep beside them.
static ASKED: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The variables that were asked for so far.
pub(crate) fn asked() -> Vec<&'static str> {
    lock(&ASKED).iter().copied().collect()
}

/// The first of the variables that is set and not empty (OpenTelemetry: empty is unset), with its name.
pub(crate) fn variable(names: &[&'static str]) -> Option<(&'static str, String)> {
    lock(&ASKED).extend(names);
    names.iter().find_map(|name| {
        let value = std::env::var_os(name)?.to_string_lossy().trim().to_owned();
        (!value.is_empty()).then_some((*name, value))
    })
}

/// The first of the variables that is set and not empty.
pub(crate) fn text(names: &[&'static str]) -> Option<String> {
    variable(names).map(|(_, value)| value)
}

/// The first of the variables that is set, as `parse` reads it. One that it does not read is a fault.
pub(crate) fn parsed<T>(
    names: &[&'static str],
    expected: &'static str,
    faults: &mut ConfigErrors,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let (name, value) = variable(names)?;
    let parsed = parse(&value);
    if parsed.is_none() {
        faults.value(name, value, expected);
    }
    parsed
}

/// A switch: `true`, `1`, `on` or `yes`, and their opposites.
pub(crate) fn switch(names: &[&'static str], faults: &mut ConfigErrors) -> Option<bool> {
    parsed(names, "`true` or `false`", faults, |value| {
        match value.to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" => Some(true),
            "false" | "0" | "off" | "no" => Some(false),
            _ => None,
        }
    })
}

/// What is expected of a rate.
pub(crate) const RATE: &str = "a number from 0 to 1";

/// A rate from 0 to 1.
pub(crate) fn rate(names: &[&'static str], faults: &mut ConfigErrors) -> Option<f64> {
    parsed(names, RATE, faults, |value| {
        value.parse().ok().filter(is_rate)
    })
}

/// Whether a number is a rate; NaN is not.
pub(crate) fn is_rate(rate: &f64) -> bool {
    (0.0..=1.0).contains(rate)
}

/// A number of milliseconds, as `OTEL_*` spells durations.
pub(crate) fn millis(names: &[&'static str], faults: &mut ConfigErrors) -> Option<Duration> {
    let parse = |value: &str| value.parse().ok().map(Duration::from_millis);
    parsed(names, "a whole number of milliseconds", faults, parse)
}

/// A port, not 0.
pub(crate) fn port(names: &[&'static str], faults: &mut ConfigErrors) -> Option<u16> {
    let parse = |value: &str| value.parse().ok().filter(|port| *port != 0);
    parsed(names, "a port from 1 to 65535", faults, parse)
}

/// Pairs of `key=value` or `key:value`, separated by commas or, as `DD_TAGS` may, by spaces.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let separator = if text.contains(',') { ',' } else { ' ' };
    let pairs = text
        .split(separator)
        .map(str::trim)
        .filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (key, value) = pair.split_once([':', '=']).unwrap_or((pair, ""));
        (key.trim().to_owned(), value.trim().to_owned())
    };
    pairs.map(pair).collect()
}

/// An address without what may be a secret: user, password and query.
pub(crate) fn bare(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = authority.rsplit('@').next().unwrap_or(authority);
    if scheme.is_empty() {
        format!("{host}{path}")
    } else {
        format!("{scheme}://{host}{path}")
    }
}

/// What the telemetry is of, as every backend says with every record: OpenTelemetry's resource.
#[derive(Clone, Debug)]
pub struct Identity {
    pub(crate) service: String,
    pub(crate) environment: String,
    pub(crate) version: Option<String>,
    /// Further resource attributes: `OTEL_RESOURCE_ATTRIBUTES`, `DD_TAGS`.
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) host: String,
}

impl Identity {
    /// Returns the name of the service.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Returns where it runs: `production`, `staging`.
    #[must_use]
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// Returns its version.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Returns the name of the host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns its further attributes: key and value.
    #[must_use]
    pub fn attributes(&self) -> &[(String, String)] {
        &self.attributes
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn addresses_hold_no_secrets() {
        for (given, shown) in [
            ("https://key@o1.example/42", "https://o1.example/42"),
            (
                "http://user:pass@host:8126/p?token=x#y",
                "http://host:8126/p",
            ),
            ("http://a@b@host", "http://host"),
            ("user:pass@proxy:3128", "proxy:3128"),
            ("unix:///var/run/x.sock", "unix:///var/run/x.sock"),
            ("udp://[::1]:8125", "udp://[::1]:8125"),
        ] {
            assert_eq!(bare(given), shown);
        }
    }
}
