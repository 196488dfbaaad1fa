//! Settings: the program's own, then the environment's, then the defaults.

use super::error::Fault;
use super::{SetupError, Telemetry, install};
use crate::filter::Filter;
use std::io::IsTerminal;
use std::panic::Location;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: colours on a terminal, trace trees.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Settings of telemetry. What is not set comes from the environment.
///
/// | setting | environment, first that is set | default |
/// |---|---|---|
/// | service | `DD_SERVICE`, `OTEL_SERVICE_NAME` | the program's name |
/// | environment | `DD_ENV`, `SENTRY_ENVIRONMENT` | `production` |
/// | version | `DD_VERSION`, `SENTRY_RELEASE` | none |
/// | log filter | `RUST_LOG`, `LOG_LEVEL` | `info` |
/// | log format | `LOG_FORMAT` (`pretty`, `json`) | `pretty` |
/// | sample rate | `DD_TRACE_SAMPLE_RATE`, `SENTRY_TRACES_SAMPLE_RATE`, `OTEL_TRACES_SAMPLER_ARG` | 1 |
/// | trace trees | `TRACE_TREE` (`true`, `false`) | with `pretty` |
/// | summary at the end | `SUMMARY` (`true`, `false`) | with `pretty` |
#[derive(Clone, Debug, Default)]
#[must_use = "settings do nothing until `init()`"]
pub struct Builder {
    service: Option<String>,
    environment: Option<String>,
    version: Option<String>,
    filter: Option<String>,
    format: Option<LogFormat>,
    sample_rate: Option<f64>,
    tree: Option<bool>,
    summary: Option<bool>,
}

impl Builder {
    /// Name of the service.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    /// Where it runs: `production`, `staging`.
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Its version.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Which log lines and foreign spans are taken: `info,sqlx=warn`, as `RUST_LOG` spells it.
    pub fn log_filter(mut self, directives: impl Into<String>) -> Self {
        self.filter = Some(directives.into());
        self
    }

    /// How log lines look.
    pub fn log_format(mut self, format: LogFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Which part of the traces is recorded, 0 to 1. Metrics, errors and events do not depend on it.
    pub fn sample_rate(mut self, rate: f64) -> Self {
        self.sample_rate = Some(rate);
        self
    }

    /// Whether the trace tree of each finished request is printed.
    pub fn trace_tree(mut self, print: bool) -> Self {
        self.tree = Some(print);
        self
    }

    /// Whether a summary is printed when telemetry is turned off.
    pub fn summary(mut self, print: bool) -> Self {
        self.summary = Some(print);
        self
    }

    /// Turns telemetry on.
    ///
    /// # Errors
    /// See [`init`](crate::init).
    #[track_caller]
    pub fn init(self) -> Result<Telemetry, SetupError> {
        install(self, Location::caller())
    }
}

/// Settings as they are in force.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) service: String,
    pub(crate) environment: String,
    pub(crate) version: Option<String>,
    pub(crate) filter: Filter,
    pub(crate) format: LogFormat,
    pub(crate) color: bool,
    pub(crate) sample_rate: f64,
    pub(crate) tree: bool,
    pub(crate) summary: bool,
}

impl Config {
    /// Settings in force; `None`, with the faults, where a value is wrong.
    pub(super) fn read(builder: Builder, faults: &mut Vec<Fault>) -> Option<Self> {
        let env = |names: &[&'static str]| variable(names).map(|(_, value)| value);
        let format = builder.format.or_else(|| {
            parsed(
                &["LOG_FORMAT"],
                "`pretty` or `json`",
                faults,
                |value| match value {
                    "pretty" => Some(LogFormat::Pretty),
                    "json" => Some(LogFormat::Json),
                    _ => None,
                },
            )
        });
        let format = format.unwrap_or(LogFormat::Pretty);
        let pretty = format == LogFormat::Pretty;
        let filter = filter(builder.filter.as_deref(), faults);
        let sample_rate = sample_rate(builder.sample_rate, faults);
        let tree = builder.tree.or_else(|| switch("TRACE_TREE", faults));
        let summary = builder.summary.or_else(|| switch("SUMMARY", faults));
        if !faults.is_empty() {
            return None;
        }
        Some(Self {
            service: builder
                .service
                .or_else(|| env(&["DD_SERVICE", "OTEL_SERVICE_NAME"]))
                .unwrap_or_else(program),
            environment: builder
                .environment
                .or_else(|| env(&["DD_ENV", "SENTRY_ENVIRONMENT"]))
                .unwrap_or_else(|| "production".into()),
            version: builder
                .version
                .or_else(|| env(&["DD_VERSION", "SENTRY_RELEASE"])),
            filter: filter?,
            format,
            color: std::io::stdout().is_terminal() && variable(&["NO_COLOR"]).is_none(),
            sample_rate: sample_rate?,
            tree: tree.unwrap_or(pretty),
            summary: summary.unwrap_or(pretty),
        })
    }
}

fn program() -> String {
    let path = std::env::current_exe().ok();
    let name = path.and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned()));
    name.unwrap_or_else(|| "unknown_service".into())
}

/// The first of the variables that is set and not empty (OpenTelemetry: empty is unset).
fn variable(names: &[&'static str]) -> Option<(&'static str, String)> {
    names.iter().find_map(|name| {
        let value = std::env::var_os(name)?.to_string_lossy().trim().to_owned();
        (!value.is_empty()).then_some((*name, value))
    })
}

fn parsed<T>(
    names: &[&'static str],
    expected: &'static str,
    faults: &mut Vec<Fault>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let (name, value) = variable(names)?;
    let parsed = parse(&value);
    if parsed.is_none() {
        faults.push(Fault::Value {
            name,
            value,
            expected,
        });
    }
    parsed
}

fn switch(name: &'static str, faults: &mut Vec<Fault>) -> Option<bool> {
    parsed(&[name], "`true` or `false`", faults, |value| match value {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    })
}

const FILTER: &str =
    "a level (error, warn, info, debug, trace, off) or a list such as `info,sqlx=warn`";

fn filter(given: Option<&str>, faults: &mut Vec<Fault>) -> Option<Filter> {
    let Some(given) = given else {
        let set = variable(&["RUST_LOG", "LOG_LEVEL"]).is_some();
        let parsed = parsed(&["RUST_LOG", "LOG_LEVEL"], FILTER, faults, Filter::parse);
        return if set { parsed } else { Some(Filter::default()) };
    };
    let parsed = Filter::parse(given);
    if parsed.is_none() {
        faults.push(Fault::Value {
            name: "log_filter",
            value: given.to_owned(),
            expected: FILTER,
        });
    }
    parsed
}

const RATE: &str = "a number from 0 to 1";
const RATES: &[&str] = &[
    "DD_TRACE_SAMPLE_RATE",
    "SENTRY_TRACES_SAMPLE_RATE",
    "OTEL_TRACES_SAMPLER_ARG",
];

fn sample_rate(given: Option<f64>, faults: &mut Vec<Fault>) -> Option<f64> {
    let valid = |rate: &f64| (0.0..=1.0).contains(rate);
    match given {
        Some(rate) if valid(&rate) => Some(rate),
        Some(rate) => {
            faults.push(Fault::Value {
                name: "sample_rate",
                value: rate.to_string(),
                expected: RATE,
            });
            None
        }
        None => {
            let set = variable(RATES).is_some();
            let parsed = parsed(RATES, RATE, faults, |value| {
                value.parse().ok().filter(valid)
            });
            if set { parsed } else { Some(1.0) }
        }
    }
}
