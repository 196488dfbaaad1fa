//! Settings: the program's own, then the environment's, then the defaults.

use crate::base::settings::{self, Faults, Identity, is_rate};
use crate::collect::filter::{Filter, SharedFilter};
use crate::collect::trace::sampling::{Rule, Sampling};
use crate::model::log_format::LogFormat;
use std::io::IsTerminal;

/// Settings of telemetry. What is not set comes from the environment, and where that is a backend's own, it stands with
/// its settings: `Sentry`, `Datadog`, `Otlp`.
///
/// | setting | environment, first that is set | default |
/// |---|---|---|
/// | service | `DD_SERVICE`, `OTEL_SERVICE_NAME` | the program's name |
/// | environment | `DD_ENV`, `SENTRY_ENVIRONMENT` | `production` |
/// | version | `DD_VERSION`, `SENTRY_RELEASE` | none |
/// | log filter | `RUST_LOG`, `LOG_LEVEL` | `info` |
/// | log format | `LOG_FORMAT` (`pretty`, `json`) | `pretty` |
/// | resource attributes | `OTEL_RESOURCE_ATTRIBUTES`, `DD_TAGS` | none |
/// | sample rate | `DD_TRACE_SAMPLE_RATE`, `SENTRY_TRACES_SAMPLE_RATE`, `OTEL_TRACES_SAMPLER_ARG` | 1 |
/// | rates by function or route | `TRACE_SAMPLE_RULES` (`GET /health=0, ContractService::*=0.5`) | none |
/// | traces that fail or are slow are kept | `TRACE_KEEP_NOTABLE` (`true`, `false`) | yes |
/// | folder of log files | `LOG_DIR`; `LOG_ROTATION` (`both`, `daily`, `size`, `never`), `LOG_MAX_SIZE` (`20m`), `LOG_MAX_FILES` (14), `LOG_MAX_AGE` (`30d`; any) | none |
/// | lines over TCP | `LOG_TCP` (`host:port`); `DD_LOGS_ENABLED` with an Agent's host | none |
/// | Datadog's ids in log lines | `DD_LOGS_INJECTION` | where an Agent is set |
/// | page for Prometheus | `OTEL_EXPORTER_PROMETHEUS_PORT`, `PROMETHEUS_PORT`; `OTEL_EXPORTER_PROMETHEUS_HOST`; `OTEL_METRICS_EXPORTER=prometheus` | none; port 9464, loopback |
/// | authorities that TLS trusts, for all backends | `SSL_CERT_FILE`, `SSL_CERT_DIR` | the system's |
/// | live view | `INSTRUMENTAL_LIVE` (`on`, `off`, a port) | with `pretty`; 9463, or any where that is taken |
/// | styles of trace headers | `DD_TRACE_PROPAGATION_STYLE_EXTRACT` and `_INJECT`, `DD_TRACE_PROPAGATION_STYLE`, `OTEL_PROPAGATORS` | `Builder::propagation` says |
/// | colours | `NO_COLOR` (set: none) | on a terminal |
/// | name of the host | `DD_HOSTNAME`, `HOSTNAME` | the system's |
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
    sample_rules: Vec<(String, f64)>,
    keep_notable: Option<bool>,
    attributes: Vec<(String, String)>,
    tree: Option<bool>,
    summary: Option<bool>,
    #[cfg(feature = "logs")]
    pub(super) log_dir: Option<std::path::PathBuf>,
    #[cfg(feature = "otlp")]
    pub(super) otlp: Option<crate::Otlp>,
    #[cfg(feature = "http")]
    propagation: Option<crate::http::propagation::Styles>,
    #[cfg(feature = "datadog")]
    pub(super) datadog: Option<crate::Datadog>,
    #[cfg(feature = "sentry")]
    pub(super) sentry: Option<crate::Sentry>,
    #[cfg(feature = "prometheus")]
    pub(super) prometheus: Option<std::net::SocketAddr>,
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

    /// Which part of the traces is recorded that begin with a function or route of this name, in place of
    /// [`sample_rate`](Self::sample_rate). `*` stands for any text; the first rule that matches holds.
    pub fn sample(mut self, name: impl Into<String>, rate: f64) -> Self {
        self.sample_rules.push((name.into(), rate));
        self
    }

    /// Whether traces that fail or are slow are kept although they were sampled out. They are recorded for that, so a
    /// trace that is sampled out costs what a recorded one does; switched off, it costs what its metrics do.
    pub fn keep_notable(mut self, keep: bool) -> Self {
        self.keep_notable = Some(keep);
        self
    }

    /// An attribute of the service that every backend is told: `region`, `team`.
    pub fn attribute(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push((key.into(), value.into()));
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

    /// Writes log lines to `combined.log`, and errors to `error.log`, in this folder: see `LOG_DIR`.
    #[cfg(feature = "logs")]
    pub fn log_dir(mut self, folder: impl Into<std::path::PathBuf>) -> Self {
        self.log_dir = Some(folder.into());
        self
    }

    /// Sends to an OpenTelemetry backend.
    #[cfg(feature = "otlp")]
    pub fn otlp(mut self, settings: crate::Otlp) -> Self {
        self.otlp = Some(settings);
        self
    }

    /// Which styles of trace headers are read, in this order, and which are written. Unless set:
    /// `DD_TRACE_PROPAGATION_STYLE_EXTRACT` and `_INJECT`, `DD_TRACE_PROPAGATION_STYLE`, `OTEL_PROPAGATORS`; else all
    /// are read, Datadog's first, and Datadog's, W3C's, Sentry's and baggage are written.
    #[cfg(feature = "http")]
    pub fn propagation(
        mut self,
        extract: impl Into<Vec<crate::http::Propagation>>,
        inject: impl Into<Vec<crate::http::Propagation>>,
    ) -> Self {
        self.propagation = Some(crate::http::propagation::Styles {
            extract: extract.into(),
            inject: inject.into(),
        });
        self
    }

    /// Sends to a Datadog Agent.
    #[cfg(feature = "datadog")]
    pub fn datadog(mut self, settings: crate::Datadog) -> Self {
        self.datadog = Some(settings);
        self
    }

    /// Sends to Sentry.
    #[cfg(feature = "sentry")]
    pub fn sentry(mut self, settings: crate::Sentry) -> Self {
        self.sentry = Some(settings);
        self
    }

    /// Serves the metrics to Prometheus at this address, under `/metrics`.
    #[cfg(feature = "prometheus")]
    pub fn prometheus(mut self, address: std::net::SocketAddr) -> Self {
        self.prometheus = Some(address);
        self
    }
}

/// Settings as they are in force.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) identity: Identity,
    pub(crate) filter: SharedFilter,
    pub(crate) format: LogFormat,
    pub(crate) color: bool,
    pub(crate) sampling: Sampling,
    pub(crate) tree: bool,
    pub(crate) summary: bool,
    /// Whether log lines carry Datadog's ids.
    pub(crate) datadog_ids: bool,
    #[cfg(feature = "http")]
    pub(crate) propagation: crate::http::propagation::Styles,
}

#[cfg(feature = "logs")]
impl Config {
    /// What concerns log lines.
    pub(super) fn logs(&self) -> crate::backend::logs::Settings {
        crate::backend::logs::Settings {
            identity: self.identity.clone(),
            filter: self.filter.clone(),
            format: self.format,
            color: self.color,
            tree: self.tree,
            summary: self.summary,
            datadog_ids: self.datadog_ids,
        }
    }
}

impl Config {
    /// Settings in force. Where faults are added, they are not to be used.
    pub(super) fn read(builder: &Builder, faults: &mut Faults) -> Self {
        let format = builder.format.or_else(|| format(faults));
        let format = format.unwrap_or(LogFormat::Pretty);
        let pretty = format == LogFormat::Pretty;
        let tree = builder.tree;
        let tree = tree.or_else(|| settings::switch(&["TRACE_TREE"], faults));
        let summary = builder.summary;
        let summary = summary.or_else(|| settings::switch(&["SUMMARY"], faults));
        Self {
            identity: identity(builder),
            filter: SharedFilter::new(filter(builder.filter.as_deref(), faults)),
            datadog_ids: datadog_ids(faults),
            format,
            color: std::io::stdout().is_terminal() && settings::text(&["NO_COLOR"]).is_none(),
            sampling: sampling(builder, faults),
            tree: tree.unwrap_or(pretty),
            summary: summary.unwrap_or(pretty),
            #[cfg(feature = "http")]
            propagation: propagation(builder, faults),
        }
    }
}

#[cfg(feature = "http")]
fn propagation(builder: &Builder, faults: &mut Faults) -> crate::http::propagation::Styles {
    let styles = crate::http::propagation::Styles::read(faults);
    builder.propagation.clone().unwrap_or(styles)
}

fn identity(builder: &Builder) -> Identity {
    let mut attributes = Vec::new();
    for variable in ["OTEL_RESOURCE_ATTRIBUTES", "DD_TAGS"] {
        if let Some(text) = settings::text(&[variable]) {
            attributes.extend(settings::pairs(&text));
        }
    }
    attributes.extend(builder.attributes.iter().cloned());
    let mut known = |key: &str| {
        let at = attributes.iter().rposition(|(known, _)| known == key)?;
        Some(attributes.remove(at).1)
    };
    let (service, version) = (known("service.name"), known("service.version"));
    let environment = known("deployment.environment.name").or_else(|| known("env"));
    let service = builder
        .service
        .clone()
        .or_else(|| settings::text(&["DD_SERVICE", "OTEL_SERVICE_NAME"]))
        .or(service);
    let environment = builder
        .environment
        .clone()
        .or_else(|| settings::text(&["DD_ENV", "SENTRY_ENVIRONMENT"]))
        .or(environment);
    let version = builder
        .version
        .clone()
        .or_else(|| settings::text(&["DD_VERSION", "SENTRY_RELEASE"]))
        .or(version);
    Identity {
        service: service.unwrap_or_else(program),
        environment: environment.unwrap_or_else(|| "production".into()),
        version,
        attributes,
        host: host(),
    }
}

fn program() -> String {
    let path = std::env::current_exe().ok();
    let name = path.and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned()));
    name.unwrap_or_else(|| "unknown_service".into())
}

/// The machine's name, as `DD_HOSTNAME` says or the system does.
fn host() -> String {
    let said = settings::text(&["DD_HOSTNAME", "HOSTNAME"]);
    let asked = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    said.or_else(asked)
        .map_or_else(String::new, |name| name.trim().to_owned())
}

fn format(faults: &mut Faults) -> Option<LogFormat> {
    let names = &["LOG_FORMAT"];
    settings::parsed(names, "`pretty` or `json`", faults, |value| match value {
        "pretty" => Some(LogFormat::Pretty),
        "json" => Some(LogFormat::Json),
        _ => None,
    })
}

/// `DD_LOGS_INJECTION`; unless it is set, where an Agent is.
fn datadog_ids(faults: &mut Faults) -> bool {
    let agent = ["DD_AGENT_HOST", "DATADOG_AGENT_HOST", "DD_TRACE_AGENT_URL"];
    let has_agent = settings::variable(&agent).is_some();
    settings::switch(&["DD_LOGS_INJECTION"], faults).unwrap_or(has_agent)
}

/// What is expected of a filter.
pub(super) const FILTER: &str =
    "a level (error, warn, info, debug, trace, off) or a list such as `info,sqlx=warn`";

fn filter(given: Option<&str>, faults: &mut Faults) -> Filter {
    let parsed = match given {
        Some(given) => {
            let parsed = Filter::parse(given);
            if parsed.is_none() {
                faults.value("log_filter", given, FILTER);
            }
            parsed
        }
        None => settings::parsed(&["RUST_LOG", "LOG_LEVEL"], FILTER, faults, Filter::parse),
    };
    parsed.unwrap_or_default()
}

const RATES: &[&str] = &[
    "DD_TRACE_SAMPLE_RATE",
    "SENTRY_TRACES_SAMPLE_RATE",
    "OTEL_TRACES_SAMPLER_ARG",
];
const RULES: &str = "a list such as `GET /health=0, ContractService::*=0.5`";

fn sampling(builder: &Builder, faults: &mut Faults) -> Sampling {
    let rate = match builder.sample_rate {
        Some(rate) => {
            if !is_rate(&rate) {
                faults.value("sample_rate", rate.to_string(), settings::RATE);
            }
            Some(rate)
        }
        None => settings::rate(RATES, faults),
    };
    let mut rules = Vec::new();
    for (name, rate) in &builder.sample_rules {
        if !is_rate(rate) {
            faults.value("sample", format!("{name}={rate}"), settings::RATE);
        }
        rules.push(Rule {
            name: name.clone(),
            rate: *rate,
        });
    }
    let variable = &["TRACE_SAMPLE_RULES"];
    rules.extend(settings::parsed(variable, RULES, faults, Rule::parse_list).unwrap_or_default());
    let keep = builder.keep_notable;
    let keep = keep.or_else(|| settings::switch(&["TRACE_KEEP_NOTABLE"], faults));
    Sampling {
        is_given: rate.is_some(),
        rate: rate.unwrap_or(1.0),
        rules,
        keep_notable: keep.unwrap_or(true),
    }
}
