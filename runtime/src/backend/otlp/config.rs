//! Settings, as OpenTelemetry's specification of exporters names them.

use crate::settings::{self, Faults};
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
/// | `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER`, `OTEL_LOGS_EXPORTER` | `otlp` or `none` | `otlp` |
/// | `OTEL_METRIC_EXPORT_INTERVAL`, `OTEL_BSP_SCHEDULE_DELAY`, `OTEL_BLRP_SCHEDULE_DELAY` | milliseconds between two lots | 60000, 5000, 1000 |
/// | `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` | `cumulative`, `delta` or `lowmemory` | `cumulative` |
/// | `OTEL_SDK_DISABLED` | `true` turns the backend off | `false` |
///
/// The backend is on when an endpoint is set, or an exporter is `otlp`.
#[derive(Clone, Debug, Default)]
#[must_use = "settings do nothing until they are given to a builder"]
pub struct Otlp {
    endpoint: Option<String>,
    protocol: Option<OtlpProtocol>,
    headers: Vec<(String, String)>,
    metric_interval: Option<Duration>,
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
        self.headers.push((name.into(), value.into()));
        self
    }

    /// How often metrics are sent; 60 s unless set.
    pub fn metric_interval(mut self, interval: Duration) -> Self {
        self.metric_interval = Some(interval);
        self
    }
}

/// Settings in force.
#[derive(Clone, Debug)]
pub(crate) struct OtlpConfig {
    pub(super) traces: bool,
    pub(super) metrics: bool,
    pub(super) logs: bool,
    pub(super) protocol: OtlpProtocol,
    /// Of spans, metrics and logs.
    pub(super) urls: [String; 3],
    pub(super) headers: Vec<(String, String)>,
    pub(super) timeout: Duration,
    pub(super) gzip: bool,
    pub(super) delta: bool,
    pub(super) span_delay: Duration,
    pub(super) log_delay: Duration,
    pub(super) metric_interval: Duration,
}

impl OtlpConfig {
    /// Where which signal goes.
    pub(crate) fn endpoints(&self) -> Vec<(&'static str, String)> {
        let signals = [
            ("traces", self.traces),
            ("metrics", self.metrics),
            ("logs", self.logs),
        ];
        let on = signals.into_iter().zip(&self.urls);
        on.filter(|((_, on), _)| *on)
            .map(|((signal, _), url)| (signal, url.clone()))
            .collect()
    }
}

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Names of a signal's variables, and the end of its path.
struct Names {
    exporter: &'static str,
    endpoint: &'static str,
    path: &'static str,
}

const SIGNALS: [Names; 3] = [
    Names {
        exporter: "OTEL_TRACES_EXPORTER",
        endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        path: "v1/traces",
    },
    Names {
        exporter: "OTEL_METRICS_EXPORTER",
        endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        path: "v1/metrics",
    },
    Names {
        exporter: "OTEL_LOGS_EXPORTER",
        endpoint: "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        path: "v1/logs",
    },
];

/// Settings in force; `None`: the backend is off.
pub(crate) fn read(given: Option<&Otlp>, faults: &mut Faults) -> Option<OtlpConfig> {
    let blank = Otlp::default();
    let options = given.unwrap_or(&blank);
    let wanted = SIGNALS.each_ref().map(|names| is_wanted(names, faults));
    let asked = given.is_some()
        || settings::variable(&[ENDPOINT]).is_some()
        || wanted.contains(&Some(true))
        || SIGNALS
            .iter()
            .any(|s| settings::variable(&[s.endpoint]).is_some());
    if !asked || settings::switch(&["OTEL_SDK_DISABLED"], faults) == Some(true) {
        return None;
    }
    let protocol = options.protocol.or_else(|| protocol(faults));
    let protocol = protocol.unwrap_or(OtlpProtocol::HttpProtobuf);
    let urls = urls(options, protocol, faults);
    let interval = options.metric_interval;
    let millis = |name, default, faults: &mut Faults| {
        let given = settings::millis(&[name], faults);
        given.unwrap_or(Duration::from_millis(default))
    };
    Some(OtlpConfig {
        traces: wanted[0] != Some(false),
        metrics: wanted[1] != Some(false),
        logs: wanted[2] != Some(false),
        protocol,
        urls,
        headers: headers(options, faults),
        timeout: millis("OTEL_EXPORTER_OTLP_TIMEOUT", 10_000, faults),
        gzip: compression(faults),
        delta: is_delta(faults),
        span_delay: millis("OTEL_BSP_SCHEDULE_DELAY", 5_000, faults),
        log_delay: millis("OTEL_BLRP_SCHEDULE_DELAY", 1_000, faults),
        metric_interval: interval
            .unwrap_or_else(|| millis("OTEL_METRIC_EXPORT_INTERVAL", 60_000, faults)),
    })
}

fn is_wanted(names: &Names, faults: &mut Faults) -> Option<bool> {
    settings::parsed(&[names.exporter], "`otlp` or `none`", faults, |value| {
        match value.to_ascii_lowercase().as_str() {
            "none" => Some(false),
            "otlp" => Some(true),
            // Another backend of ours has it.
            "prometheus" | "console" => Some(false),
            _ => None,
        }
    })
}

fn protocol(faults: &mut Faults) -> Option<OtlpProtocol> {
    const EXPECTED: &str = "`http/protobuf` or `grpc`";
    settings::parsed(
        &["OTEL_EXPORTER_OTLP_PROTOCOL"],
        EXPECTED,
        faults,
        |value| match value.to_ascii_lowercase().as_str() {
            "http/protobuf" => Some(OtlpProtocol::HttpProtobuf),
            "grpc" => Some(OtlpProtocol::Grpc),
            _ => None,
        },
    )
}

fn compression(faults: &mut Faults) -> bool {
    let names = &["OTEL_EXPORTER_OTLP_COMPRESSION"];
    let parsed = settings::parsed(names, "`gzip` or `none`", faults, |value| {
        match value.to_ascii_lowercase().as_str() {
            "gzip" => Some(true),
            "none" => Some(false),
            _ => None,
        }
    });
    parsed.unwrap_or(true)
}

fn is_delta(faults: &mut Faults) -> bool {
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

/// The URLs of the three signals: a signal's own is used as it is, the common one gets the signal's path.
fn urls(options: &Otlp, protocol: OtlpProtocol, faults: &mut Faults) -> [String; 3] {
    const EXPECTED: &str = "a URL that begins with `http://` or `https://`";
    let default = match protocol {
        OtlpProtocol::HttpProtobuf => "http://localhost:4318",
        OtlpProtocol::Grpc => "http://localhost:4317",
    };
    let mut checked = |name: &'static str, url: String| {
        if !is_url(&url) {
            faults.value(name, url.as_str(), EXPECTED);
        }
        url
    };
    let base = match &options.endpoint {
        Some(url) => checked("otlp endpoint", url.clone()),
        None => settings::text(&[ENDPOINT])
            .map_or_else(|| default.to_owned(), |url| checked(ENDPOINT, url)),
    };
    SIGNALS.map(|signal| match settings::text(&[signal.endpoint]) {
        Some(url) if options.endpoint.is_none() => checked(signal.endpoint, url),
        _ if protocol == OtlpProtocol::Grpc => base.clone(),
        _ => format!("{}/{}", base.trim_end_matches('/'), signal.path),
    })
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

fn headers(options: &Otlp, faults: &mut Faults) -> Vec<(String, String)> {
    const NAME: &str = "OTEL_EXPORTER_OTLP_HEADERS";
    let mut headers = options.headers.clone();
    if let Some(text) = settings::text(&[NAME]) {
        for pair in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            match pair.split_once('=') {
                Some((name, value)) => {
                    headers.push((name.trim().to_owned(), decoded(value.trim())));
                }
                // Its value may be a key: it is not shown.
                None => faults.value(NAME, "…", "`name=value`, separated by commas"),
            }
        }
    }
    for (name, value) in &headers {
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if !is_name || value.chars().any(char::is_control) {
            faults.value(
                NAME,
                name.as_str(),
                "header names and values without control characters",
            );
        }
    }
    headers
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
