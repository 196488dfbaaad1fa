//! Settings, as OpenTelemetry's specification of exporters names them.

use super::tls;
use crate::base::builder::Builder;
use crate::base::settings::{self, ConfigErrors};
use crate::pipeline::transport::tls::Tls;
use std::fmt;
use std::time::Duration;

/// How OTLP goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtlpProtocol {
    /// Protobuf over HTTP; port 4318.
    HttpProtobuf,
    /// gRPC; port 4317. Wants feature `grpc`.
    Grpc,
}

/// Settings of the OTLP backend. What is not set comes from the environment:
///
/// | variable | what | default |
/// |---|---|---|
/// | `OTEL_EXPORTER_OTLP_ENDPOINT` | URL of the collector; `v1/traces` and the like are added | `http://localhost:4318`, of gRPC 4317 |
/// | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `_METRICS_`, `_LOGS_` | of one signal, used as it is | of all |
/// | `OTEL_EXPORTER_OTLP_PROTOCOL` | `http/protobuf` or `grpc` | `http/protobuf` |
/// | `OTEL_EXPORTER_OTLP_HEADERS` | `name=value`, separated by commas | none |
/// | `OTEL_EXPORTER_OTLP_TIMEOUT` | milliseconds of an attempt | 10000 |
/// | `OTEL_EXPORTER_OTLP_COMPRESSION` | `gzip` or `none` | `gzip` |
/// | `OTEL_EXPORTER_OTLP_CERTIFICATE` | PEM file of the authorities to trust | those of the system |
/// | `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`, `_CLIENT_KEY` | PEM files of the certificate to show to the collector, and of its key | none |
/// | `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL` and the like, of `_TRACES_`, `_METRICS_`, `_LOGS_` | each of these seven, of one signal | of all |
/// | `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER`, `OTEL_LOGS_EXPORTER` | `otlp` or `none`, or a list that holds `otlp` or not | `otlp` |
/// | `OTEL_METRIC_EXPORT_INTERVAL`, `OTEL_BSP_SCHEDULE_DELAY`, `OTEL_BLRP_SCHEDULE_DELAY` | milliseconds between two lots | 60000, 5000, 1000 |
/// | `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` | `cumulative`, `delta` or `lowmemory` | `cumulative` |
/// | `OTEL_SDK_DISABLED` | `true` turns the backend off | `false` |
///
/// The backend is on when an endpoint is set, or an exporter is `otlp`. Headers given here go with those of the environment, of
/// which a signal's own stand in place of the common ones.
#[derive(Clone, Default)]
#[must_use = "settings do nothing until they are given to a builder"]
pub struct Otlp {
    endpoint: Option<String>,
    protocol: Option<OtlpProtocol>,
    headers: Headers,
    metric_interval: Option<Duration>,
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

/// Names and values. A value may be a key: it is not shown.
#[derive(Clone, Default)]
pub(super) struct Headers(pub(super) Vec<(String, String)>);

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| (name, "…"));
        f.debug_map().entries(names).finish()
    }
}

impl Otlp {
    /// Where the collector is: `http://localhost:4318`.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// How it is spoken to.
    pub fn protocol(mut self, protocol: OtlpProtocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// A header of every request, such as a key.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.0.push((name.into(), value.into()));
        self
    }

    /// How often metrics are sent; 60 s unless set.
    pub fn metric_interval(mut self, interval: Duration) -> Self {
        self.metric_interval = Some(interval);
        self
    }
}

impl Builder {
    /// Sends to an OpenTelemetry backend.
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

/// Settings in force.
#[derive(Clone, Debug)]
pub(crate) struct OtlpConfig {
    /// Of spans, metrics and logs.
    pub(super) routes: [Route; 3],
    pub(super) delta: bool,
    pub(super) span_delay: Duration,
    pub(super) log_delay: Duration,
    pub(super) metric_interval: Duration,
}

/// How a signal goes.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) on: bool,
    pub(super) protocol: OtlpProtocol,
    pub(super) url: String,
    pub(super) headers: Headers,
    pub(super) timeout: Duration,
    pub(super) gzip: bool,
    pub(super) tls: Tls,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("url", &settings::bare(&self.url))
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

impl OtlpConfig {
    /// How long an attempt of any signal may take.
    pub(super) fn longest(&self) -> Duration {
        let timeouts = self.routes.iter().map(|route| route.timeout);
        timeouts.max().unwrap_or_default()
    }
}

/// Names of the variables of a signal, or of all.
struct Names {
    endpoint: &'static str,
    protocol: &'static str,
    headers: &'static str,
    timeout: &'static str,
    compression: &'static str,
}

/// `names!("TRACES_")`, or of all signals `names!("")`.
macro_rules! names {
    ($signal:literal) => {
        Names {
            endpoint: concat!("OTEL_EXPORTER_OTLP_", $signal, "ENDPOINT"),
            protocol: concat!("OTEL_EXPORTER_OTLP_", $signal, "PROTOCOL"),
            headers: concat!("OTEL_EXPORTER_OTLP_", $signal, "HEADERS"),
            timeout: concat!("OTEL_EXPORTER_OTLP_", $signal, "TIMEOUT"),
            compression: concat!("OTEL_EXPORTER_OTLP_", $signal, "COMPRESSION"),
        }
    };
}

const OF_ALL: Names = names!("");

/// A signal: its exporter's variable, those that go before the common ones, and the end of its path.
struct SignalNames {
    exporter: &'static str,
    own: Names,
    tls: tls::Names,
    path: &'static str,
}

const SIGNALS: [SignalNames; 3] = [
    SignalNames {
        exporter: "OTEL_TRACES_EXPORTER",
        own: names!("TRACES_"),
        tls: tls::names!("TRACES_"),
        path: "v1/traces",
    },
    SignalNames {
        exporter: "OTEL_METRICS_EXPORTER",
        own: names!("METRICS_"),
        tls: tls::names!("METRICS_"),
        path: "v1/metrics",
    },
    SignalNames {
        exporter: "OTEL_LOGS_EXPORTER",
        own: names!("LOGS_"),
        tls: tls::names!("LOGS_"),
        path: "v1/logs",
    },
];

/// Settings in force; `None`: the backend is off.
pub(crate) fn read(given: Option<&Otlp>, faults: &mut ConfigErrors) -> Option<OtlpConfig> {
    let blank = Otlp::default();
    let options = given.unwrap_or(&blank);
    let wanted = SIGNALS.map(|signal| is_wanted(signal.exporter, faults));
    let is_set = |names: Names| settings::variable(&[names.endpoint]).is_some();
    let asked = given.is_some()
        || is_set(OF_ALL)
        || wanted.contains(&Some(true))
        || SIGNALS.into_iter().any(|signal| is_set(signal.own));
    if !asked || settings::switch(&["OTEL_SDK_DISABLED"], faults) == Some(true) {
        return None;
    }
    let interval = options.metric_interval;
    let millis = |name, default, faults: &mut ConfigErrors| {
        let given = settings::millis(&[name], faults);
        given.unwrap_or(Duration::from_millis(default))
    };
    Some(OtlpConfig {
        routes: routes(options, wanted, faults),
        delta: is_delta(faults),
        span_delay: millis("OTEL_BSP_SCHEDULE_DELAY", 5_000, faults),
        log_delay: millis("OTEL_BLRP_SCHEDULE_DELAY", 1_000, faults),
        metric_interval: interval
            .unwrap_or_else(|| millis("OTEL_METRIC_EXPORT_INTERVAL", 60_000, faults)),
    })
}

/// What the environment says of a signal, or of all.
struct Said {
    endpoint: Option<String>,
    protocol: Option<OtlpProtocol>,
    headers: Option<Headers>,
    timeout: Option<Duration>,
    gzip: Option<bool>,
}

fn said(names: &Names, options: &Otlp, faults: &mut ConfigErrors) -> Said {
    // What the program says itself goes before.
    let endpoint = match options.endpoint {
        Some(_) => None,
        None => settings::text(&[names.endpoint]),
    };
    Said {
        endpoint: endpoint.map(|url| checked(names.endpoint, url, faults)),
        protocol: match options.protocol {
            Some(_) => None,
            None => protocol(names.protocol, faults),
        },
        headers: settings::text(&[names.headers]).map(|text| listed(names.headers, &text, faults)),
        timeout: settings::millis(&[names.timeout], faults),
        gzip: compression(names.compression, faults),
    }
}

fn routes(options: &Otlp, wanted: [Option<bool>; 3], faults: &mut ConfigErrors) -> [Route; 3] {
    let mut common = said(&OF_ALL, options, faults);
    if let Some(url) = &options.endpoint {
        common.endpoint = Some(checked("otlp endpoint", url.clone(), faults));
    }
    check("otlp header", &options.headers, faults);
    let mut wanted = wanted.into_iter();
    let common_tls = tls::common();
    SIGNALS.map(|signal| {
        let own = said(&signal.own, options, faults);
        let protocol = options.protocol.or(own.protocol).or(common.protocol);
        let protocol = protocol.unwrap_or(OtlpProtocol::HttpProtobuf);
        let mut headers = options.headers.clone();
        let said = own.headers.as_ref().or(common.headers.as_ref());
        headers.0.extend(said.cloned().unwrap_or_default().0);
        let on = wanted.next().flatten() != Some(false);
        let url = own
            .endpoint
            .unwrap_or_else(|| url(common.endpoint.as_deref(), protocol, signal.path));
        let is_secure = on && url.starts_with("https://");
        Route {
            on,
            protocol,
            tls: tls::read(&signal.tls, &common_tls, is_secure, faults),
            url,
            headers,
            timeout: own.timeout.or(common.timeout).unwrap_or(TIMEOUT),
            gzip: own.gzip.or(common.gzip).unwrap_or(true),
        }
    })
}

/// How long an attempt may take, unless it is said.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where a signal goes that has no endpoint of its own: over HTTP the common one gets its path.
fn url(common: Option<&str>, protocol: OtlpProtocol, path: &str) -> String {
    match protocol {
        OtlpProtocol::Grpc => common.unwrap_or("http://localhost:4317").to_owned(),
        OtlpProtocol::HttpProtobuf => {
            let base = common.unwrap_or("http://localhost:4318");
            format!("{}/{path}", base.trim_end_matches('/'))
        }
    }
}

/// Whether a list of exporters holds ours; those beside it are other backends'.
fn is_wanted(exporter: &'static str, faults: &mut ConfigErrors) -> Option<bool> {
    const EXPECTED: &str = "`otlp`, `prometheus`, `console` or `none`, separated by commas";
    settings::parsed(&[exporter], EXPECTED, faults, |value| {
        let value = value.to_ascii_lowercase();
        let names = value.split(',').map(str::trim).filter(|n| !n.is_empty());
        let mut wanted = false;
        for name in names {
            match name {
                "otlp" => wanted = true,
                "none" | "prometheus" | "console" => {}
                _ => return None,
            }
        }
        Some(wanted)
    })
}

fn protocol(name: &'static str, faults: &mut ConfigErrors) -> Option<OtlpProtocol> {
    settings::parsed(
        &[name],
        "`http/protobuf` or `grpc`",
        faults,
        |value| match value.to_ascii_lowercase().as_str() {
            "http/protobuf" => Some(OtlpProtocol::HttpProtobuf),
            "grpc" => Some(OtlpProtocol::Grpc),
            _ => None,
        },
    )
}

fn compression(name: &'static str, faults: &mut ConfigErrors) -> Option<bool> {
    settings::parsed(&[name], "`gzip` or `none`", faults, |value| {
        match value.to_ascii_lowercase().as_str() {
            "gzip" => Some(true),
            "none" => Some(false),
            _ => None,
        }
    })
}

fn is_delta(faults: &mut ConfigErrors) -> bool {
    const EXPECTED: &str = "`cumulative`, `delta` or `lowmemory`";
    let names = &["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"];
    let parsed = settings::parsed(names, EXPECTED, faults, |value| {
        match value.to_ascii_lowercase().as_str() {
            "cumulative" => Some(false),
            "delta" | "lowmemory" => Some(true),
            _ => None,
        }
    });
    parsed.unwrap_or(false)
}

fn checked(name: &'static str, url: String, faults: &mut ConfigErrors) -> String {
    if !is_url(&url) {
        const EXPECTED: &str = "a URL that begins with `http://` or `https://`";
        faults.value(name, settings::bare(&url), EXPECTED);
    }
    url
}

fn is_url(url: &str) -> bool {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    let authority = rest.map(|rest| rest.split('/').next().unwrap_or_default());
    authority.is_some_and(|authority| {
        let port = authority.rsplit_once(':').map(|(_, port)| port);
        let port = port.filter(|port| !port.ends_with(']'));
        !authority.is_empty() && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|p| p != 0))
    }) && !url.chars().any(|c| c.is_control() || c == ' ')
}

/// `name=value`, separated by commas.
fn listed(variable: &'static str, text: &str, faults: &mut ConfigErrors) -> Headers {
    let mut headers = Headers::default();
    for pair in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        match pair.split_once('=') {
            Some((name, value)) => {
                let header = (name.trim().to_owned(), decoded(value.trim()));
                headers.0.push(header);
            }
            // Its value may be a key: it is not shown.
            None => faults.value(variable, "…", "`name=value`, separated by commas"),
        }
    }
    check(variable, &headers, faults);
    headers
}

fn check(variable: &'static str, headers: &Headers, faults: &mut ConfigErrors) {
    const EXPECTED: &str = "header names and values without control characters";
    for (name, value) in &headers.0 {
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if !is_name || value.chars().any(char::is_control) {
            faults.value(variable, name.as_str(), EXPECTED);
        }
    }
}

/// Undoes percent-encoding, as W3C Baggage has it. What is no text then stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
