//! Settings that a program gives in code.

use super::given::Given;
use crate::model::log_format::LogFormat;

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
    pub(crate) service: Option<String>,
    pub(crate) environment: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) format: Option<LogFormat>,
    pub(crate) sample_rate: Option<f64>,
    pub(crate) sample_rules: Vec<(String, f64)>,
    pub(crate) keep_notable: Option<bool>,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) tree: Option<bool>,
    pub(crate) summary: Option<bool>,
    /// The settings of backends, exporters and processors.
    pub(crate) given: Given,
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
}
