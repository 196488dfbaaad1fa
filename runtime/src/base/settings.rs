//! Reading of settings. Settings given in code take precedence over the environment, and all errors are reported together.

use crate::base::sync::lock;
use std::collections::BTreeSet;
use std::fmt;
use std::panic::Location;
use std::sync::Mutex;
use std::time::Duration;

/// A configuration error.
#[derive(Debug)]
pub(crate) enum ConfigError {
    /// A value that cannot be parsed: the name of its variable or setting, the value, and what is expected.
    Value {
        name: &'static str,
        value: String,
        expected: &'static str,
    },
    /// A resource named by the settings that is unavailable. The text is a complete message.
    Part(String),
    /// Telemetry is already on, since the `init` at this location.
    Installed(&'static Location<'static>),
    /// The application has a subscriber of its own.
    Subscriber,
    /// The system cannot create a thread.
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
                "a `tracing` subscriber is already installed: either let `init()` install its own, or do not call `init()`, \
                 and annotated calls will feed that subscriber",
            ),
            Self::Thread(error) => write!(f, "cannot start the background thread: {error}"),
        }
    }
}

/// The configuration errors found so far.
#[derive(Debug, Default)]
pub(crate) struct ConfigErrors(pub(crate) Vec<ConfigError>);

impl ConfigErrors {
    /// Adds an error about a value that cannot be parsed.
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

    /// Adds an error about an unavailable resource.
    pub(crate) fn part(&mut self, text: impl Into<String>) {
        self.0.push(ConfigError::Part(text.into()));
    }
}

/// Names of all variables that were looked up. Recording them here avoids a separate list that could become outdated.
static READ: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// Returns the names of the variables that were looked up so far.
pub(crate) fn variables_read() -> Vec<&'static str> {
    lock(&READ).iter().copied().collect()
}

/// Returns name and value of the first variable that is set and not empty. The OpenTelemetry specification ("Environment
/// Variable Specification") treats empty variables as unset.
pub(crate) fn variable(names: &[&'static str]) -> Option<(&'static str, String)> {
    lock(&READ).extend(names);
    names.iter().find_map(|name| {
        let value = std::env::var_os(name)?.to_string_lossy().trim().to_owned();
        (!value.is_empty()).then_some((*name, value))
    })
}

/// Returns the value of the first variable that is set and not empty.
pub(crate) fn text(names: &[&'static str]) -> Option<String> {
    variable(names).map(|(_, value)| value)
}

/// Returns the first variable that is set, parsed by `parse`. A value that it rejects is a configuration error.
pub(crate) fn parsed<T>(
    names: &[&'static str],
    expected: &'static str,
    errors: &mut ConfigErrors,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let (name, value) = variable(names)?;
    let parsed = parse(&value);
    if parsed.is_none() {
        errors.value(name, value, expected);
    }
    parsed
}

/// Reads a switch: `true`, `1`, `on` or `yes`, or their opposites.
pub(crate) fn switch(names: &[&'static str], errors: &mut ConfigErrors) -> Option<bool> {
    parsed(names, "`true` or `false`", errors, |value| {
        match value.to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" => Some(true),
            "false" | "0" | "off" | "no" => Some(false),
            _ => None,
        }
    })
}

/// The description of a rate in error messages.
pub(crate) const RATE: &str = "a number from 0 to 1";

/// Reads a rate from 0 to 1.
pub(crate) fn rate(names: &[&'static str], errors: &mut ConfigErrors) -> Option<f64> {
    parsed(names, RATE, errors, |value| {
        value.parse().ok().filter(is_rate)
    })
}

/// Returns whether a number is from 0 to 1; NaN is not.
pub(crate) fn is_rate(rate: &f64) -> bool {
    (0.0..=1.0).contains(rate)
}

/// Reads a number of milliseconds, the format of durations in `OTEL_*` variables.
pub(crate) fn millis(names: &[&'static str], errors: &mut ConfigErrors) -> Option<Duration> {
    let parse = |value: &str| value.parse().ok().map(Duration::from_millis);
    parsed(names, "a whole number of milliseconds", errors, parse)
}

/// Reads a port from 1 to 65535.
pub(crate) fn port(names: &[&'static str], errors: &mut ConfigErrors) -> Option<u16> {
    let parse = |value: &str| value.parse().ok().filter(|port| *port != 0);
    parsed(names, "a port from 1 to 65535", errors, parse)
}

/// Parses pairs of `key=value` or `key:value`, separated by commas, or by spaces as `DD_TAGS` allows.
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

/// Removes the parts of an address that may be secret: user, password, query and fragment.
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

/// The identity of the service that emits the telemetry; OpenTelemetry's resource. Sent to every backend.
#[derive(Clone, Debug)]
pub struct Identity {
    pub(crate) service: String,
    pub(crate) environment: String,
    pub(crate) version: Option<String>,
    /// Further resource attributes, from `OTEL_RESOURCE_ATTRIBUTES`, `DD_TAGS` and the builder.
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) host: String,
}

impl Identity {
    /// Returns the name of the service.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Returns the deployment environment: `production`, `staging`.
    #[must_use]
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// Returns the version of the service, if set.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Returns the name of the host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns further resource attributes, as keys and values.
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
