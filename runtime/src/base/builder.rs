//! Settings given in code.

use super::given::Given;
use crate::model::log_format::LogFormat;

/// Settings of telemetry, from [`builder`](crate::builder). A setting that is not given in code is read from the environment.
/// The settings of backends are described with their types: `Sentry`, `Datadog`, `Otlp`.
///
/// ```
/// let telemetry = instrumental::builder()
///     .service("shop")
///     .environment("staging")
///     .sample_rate(0.1)
///     .sample("GET /health", 0.0)
///     .attribute("region", "eu-west-1");
/// ```
///
/// | setting | environment variables, the first that is set is used | default |
/// |---|---|---|
/// | service | `DD_SERVICE`, `OTEL_SERVICE_NAME` | the program's name |
/// | environment | `DD_ENV`, `SENTRY_ENVIRONMENT` | `production` |
/// | version | `DD_VERSION`, `SENTRY_RELEASE` | none |
/// | log filter | `RUST_LOG`, `LOG_LEVEL` | `info` |
/// | log format | `LOG_FORMAT` (`pretty`, `json`) | `pretty` |
/// | resource attributes | `OTEL_RESOURCE_ATTRIBUTES`, `DD_TAGS` | none |
/// | sample rate | `DD_TRACE_SAMPLE_RATE`, `SENTRY_TRACES_SAMPLE_RATE`, `OTEL_TRACES_SAMPLER_ARG` | 1 |
/// | rates by function or route | `TRACE_SAMPLE_RULES` (`GET /health=0, ContractService::*=0.5`) | none |
/// | keep traces that fail or are slow | `TRACE_KEEP_NOTABLE` (`true`, `false`) | `true` |
/// | folder of log files | `LOG_DIR`; `LOG_ROTATION` (`both`, `daily`, `size`, `never`), `LOG_MAX_SIZE` (`20m`), `LOG_MAX_FILES` (14), `LOG_MAX_AGE` (`30d`; any) | none |
/// | lines over TCP | `LOG_TCP` (`host:port`); `DD_LOGS_ENABLED` with an Agent's host | none |
/// | Datadog's ids in log lines | `DD_LOGS_INJECTION` | where an Agent is set |
/// | page for Prometheus | `OTEL_EXPORTER_PROMETHEUS_PORT`, `PROMETHEUS_PORT`; `OTEL_EXPORTER_PROMETHEUS_HOST`; `OTEL_METRICS_EXPORTER=prometheus` | none; port 9464, loopback |
/// | TLS root certificates, for all backends | `SSL_CERT_FILE`, `SSL_CERT_DIR` | the system's |
/// | live view | `INSTRUMENTAL_LIVE` (`on`, `off`, a port) | with `pretty`; port 9463, or any free port if that is in use |
/// | styles of trace headers | `DD_TRACE_PROPAGATION_STYLE_EXTRACT` and `_INJECT`, `DD_TRACE_PROPAGATION_STYLE`, `OTEL_PROPAGATORS` | see `Builder::propagation` |
/// | colours | `NO_COLOR` (any value disables them) | on a terminal |
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
    /// Sets the name of the service.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    /// Sets the deployment environment: `production`, `staging`.
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Sets the version of the service.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets which log lines and spans of other libraries are recorded, in the syntax of `RUST_LOG`: `info,sqlx=warn`. `init`
    /// fails if the directives are invalid.
    pub fn log_filter(mut self, directives: impl Into<String>) -> Self {
        self.filter = Some(directives.into());
        self
    }

    /// Sets the format of log lines.
    pub fn log_format(mut self, format: LogFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets the fraction of traces that is sampled, from 0 to 1; `init` fails on other values. Metrics, errors and events are
    /// not sampled.
    pub fn sample_rate(mut self, rate: f64) -> Self {
        self.sample_rate = Some(rate);
        self
    }

    /// Sets the sample rate of traces that begin with a function or route of this name, in place of
    /// [`sample_rate`](Self::sample_rate). `*` matches any text, and the first rule that matches applies.
    pub fn sample(mut self, name: impl Into<String>, rate: f64) -> Self {
        self.sample_rules.push((name.into(), rate));
        self
    }

    /// Sets whether traces that fail or are slow are kept even if they were not sampled. For this, unsampled traces are
    /// recorded until they end, at the cost of sampled ones; if switched off, they cost no more than their metrics.
    pub fn keep_notable(mut self, keep: bool) -> Self {
        self.keep_notable = Some(keep);
        self
    }

    /// Adds a resource attribute, which is sent to every backend: `region`, `team`.
    pub fn attribute(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push((key.into(), value.into()));
        self
    }

    /// Sets whether the trace tree of each finished request is printed.
    pub fn trace_tree(mut self, print: bool) -> Self {
        self.tree = Some(print);
        self
    }

    /// Sets whether a summary is printed at shutdown.
    pub fn summary(mut self, print: bool) -> Self {
        self.summary = Some(print);
        self
    }
}
