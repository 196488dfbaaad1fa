//! The settings of the backend in code.

use super::headers::Headers;
use crate::base::builder::Builder;
use crate::base::settings;
use std::fmt;
use std::time::Duration;

/// The transport protocol of OTLP.
///
/// ```
/// use instrumental::{Otlp, OtlpProtocol};
/// let settings = Otlp::default().protocol(OtlpProtocol::HttpProtobuf);
/// # drop(settings);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtlpProtocol {
    /// Protobuf over HTTP, with default port 4318.
    HttpProtobuf,
    /// gRPC, with default port 4317. Requires feature `grpc`.
    Grpc,
}

/// The settings of the OTLP backend. Settings that are not made in code are read from the environment:
///
/// | variable | what | default |
/// |---|---|---|
/// | `OTEL_EXPORTER_OTLP_ENDPOINT` | URL of the collector; over HTTP, `v1/traces`, `v1/metrics` or `v1/logs` is appended | `http://localhost:4318`, with gRPC `http://localhost:4317` |
/// | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `_METRICS_`, `_LOGS_` | URL for one signal, used without changes | that of all signals |
/// | `OTEL_EXPORTER_OTLP_PROTOCOL` | `http/protobuf` or `grpc` | `http/protobuf` |
/// | `OTEL_EXPORTER_OTLP_HEADERS` | `name=value`, separated by commas | none |
/// | `OTEL_EXPORTER_OTLP_TIMEOUT` | timeout of an attempt, in milliseconds | 10000 |
/// | `OTEL_EXPORTER_OTLP_COMPRESSION` | `gzip` or `none` | `gzip` |
/// | `OTEL_EXPORTER_OTLP_CERTIFICATE` | PEM file of the trusted authorities | those of the system |
/// | `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`, `_CLIENT_KEY` | PEM files of the client certificate and its private key | none |
/// | `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL` and so on, with `_TRACES_`, `_METRICS_` or `_LOGS_` | each of the seven settings above, for one signal | that of all signals |
/// | `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER`, `OTEL_LOGS_EXPORTER` | `otlp`, `none`, or a list; the signal is sent if the list contains `otlp` | `otlp` |
/// | `OTEL_METRIC_EXPORT_INTERVAL`, `OTEL_BSP_SCHEDULE_DELAY`, `OTEL_BLRP_SCHEDULE_DELAY` | milliseconds between two exports of metrics, spans or logs | 60000, 5000, 1000 |
/// | `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` | `cumulative`, `delta` or `lowmemory` | `cumulative` |
/// | `OTEL_SDK_DISABLED` | `true` turns the backend off | `false` |
///
/// The backend is on if it is configured in code, an endpoint is set, or an exporter is `otlp`. Headers set in code are sent in
/// addition to those of the environment, where the headers of a signal replace those of all signals.
///
/// ```
/// use instrumental::{Otlp, OtlpProtocol};
/// let settings = Otlp::default()
///     .endpoint("http://localhost:4318")
///     .protocol(OtlpProtocol::HttpProtobuf)
///     .header("x-api-key", "secret")
///     .metric_interval(std::time::Duration::from_secs(15));
/// assert!(!format!("{settings:?}").contains("secret"));
/// ```
#[derive(Clone, Default)]
#[must_use = "settings do nothing until they are passed to a builder"]
pub struct Otlp {
    pub(super) endpoint: Option<String>,
    pub(super) protocol: Option<OtlpProtocol>,
    pub(super) headers: Headers,
    pub(super) metric_interval: Option<Duration>,
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Otlp")
            .field("endpoint", &self.endpoint.as_deref().map(settings::bare))
            .field("protocol", &self.protocol)
            .field("headers", &self.headers)
            .field("metric_interval", &self.metric_interval)
            .finish()
    }
}

impl Otlp {
    /// Sets the URL of the collector, such as `http://localhost:4318`.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Sets the protocol.
    pub fn protocol(mut self, protocol: OtlpProtocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Adds a header to every request, such as an API key. `Debug` does not show the value.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.0.push((name.into(), value.into()));
        self
    }

    /// Sets the interval between two exports of metrics; 60 s by default.
    pub fn metric_interval(mut self, interval: Duration) -> Self {
        self.metric_interval = Some(interval);
        self
    }
}

impl Builder {
    /// Sends traces, metrics and logs to an OpenTelemetry backend.
    ///
    /// ```no_run
    /// use instrumental::Otlp;
    /// let settings = Otlp::default().endpoint("http://localhost:4318");
    /// let telemetry = instrumental::builder().otlp(settings).init()?;
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    pub fn otlp(mut self, settings: Otlp) -> Self {
        self.given.set(settings);
        self
    }
}
