//! The settings of the backend, with the variables of the OTLP exporter specification.

use super::headers::{self, Headers};
use super::options::{Otlp, OtlpProtocol};
use super::tls;
use crate::base::settings::{self, ConfigErrors};
use crate::pipeline::transport::tls::Tls;
use std::fmt;
use std::time::Duration;

/// The settings, after code, environment and defaults are merged.
#[derive(Clone, Debug)]
pub(crate) struct OtlpConfig {
    /// The routes of spans, metrics and logs, in this order.
    pub(super) routes: [Route; 3],
    /// Whether metrics have delta temporality.
    pub(super) delta: bool,
    pub(super) span_delay: Duration,
    pub(super) log_delay: Duration,
    pub(super) metric_interval: Duration,
}

/// Where and how a signal is sent.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) is_enabled: bool,
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
    /// Returns the longest timeout of an attempt, over all signals.
    pub(super) fn max_timeout(&self) -> Duration {
        let timeouts = self.routes.iter().map(|route| route.timeout);
        timeouts.max().unwrap_or_default()
    }
}

/// The names of the variables of one signal, or of all signals.
struct Names {
    endpoint: &'static str,
    protocol: &'static str,
    headers: &'static str,
    timeout: &'static str,
    compression: &'static str,
}

/// Returns the names of one signal, `names!("TRACES_")`, or of all signals, `names!("")`.
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

const COMMON: Names = names!("");

/// The variables of a signal, which override the common ones, and the path of its endpoint.
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

/// Reads the settings. Returns `None` if the backend is off.
pub(crate) fn read(given: Option<&Otlp>, errors: &mut ConfigErrors) -> Option<OtlpConfig> {
    let defaults = Otlp::default();
    let options = given.unwrap_or(&defaults);
    let enabled = SIGNALS.map(|signal| is_enabled(signal.exporter, errors));
    let is_set = |names: Names| settings::variable(&[names.endpoint]).is_some();
    let is_configured = given.is_some()
        || is_set(COMMON)
        || enabled.contains(&Some(true))
        || SIGNALS.into_iter().any(|signal| is_set(signal.own));
    if !is_configured || settings::switch(&["OTEL_SDK_DISABLED"], errors) == Some(true) {
        return None;
    }
    let interval = options.metric_interval;
    let millis = |name, default, errors: &mut ConfigErrors| {
        let given = settings::millis(&[name], errors);
        given.unwrap_or(Duration::from_millis(default))
    };
    Some(OtlpConfig {
        routes: routes(options, enabled, errors),
        delta: is_delta(errors),
        span_delay: millis("OTEL_BSP_SCHEDULE_DELAY", 5_000, errors),
        log_delay: millis("OTEL_BLRP_SCHEDULE_DELAY", 1_000, errors),
        metric_interval: interval
            .unwrap_or_else(|| millis("OTEL_METRIC_EXPORT_INTERVAL", 60_000, errors)),
    })
}

/// The variables of one signal, or of all signals. Values that are set in code are not read.
struct Variables {
    endpoint: Option<String>,
    protocol: Option<OtlpProtocol>,
    headers: Option<Headers>,
    timeout: Option<Duration>,
    gzip: Option<bool>,
}

fn read_variables(names: &Names, options: &Otlp, errors: &mut ConfigErrors) -> Variables {
    let endpoint = match options.endpoint {
        Some(_) => None,
        None => settings::text(&[names.endpoint]),
    };
    Variables {
        endpoint: endpoint.map(|url| validated(names.endpoint, url, errors)),
        protocol: match options.protocol {
            Some(_) => None,
            None => protocol(names.protocol, errors),
        },
        headers: settings::text(&[names.headers])
            .map(|text| headers::parse(names.headers, &text, errors)),
        timeout: settings::millis(&[names.timeout], errors),
        gzip: compression(names.compression, errors),
    }
}

fn routes(options: &Otlp, enabled: [Option<bool>; 3], errors: &mut ConfigErrors) -> [Route; 3] {
    let mut common = read_variables(&COMMON, options, errors);
    if let Some(url) = &options.endpoint {
        common.endpoint = Some(validated("otlp endpoint", url.clone(), errors));
    }
    headers::validate("otlp header", &options.headers, errors);
    let mut enabled = enabled.into_iter();
    let common_tls = tls::common();
    SIGNALS.map(|signal| {
        let own = read_variables(&signal.own, options, errors);
        let protocol = options.protocol.or(own.protocol).or(common.protocol);
        let protocol = protocol.unwrap_or(OtlpProtocol::HttpProtobuf);
        let mut headers = options.headers.clone();
        let variable = own.headers.as_ref().or(common.headers.as_ref());
        headers.0.extend(variable.cloned().unwrap_or_default().0);
        let is_enabled = enabled.next().flatten() != Some(false);
        let url = own
            .endpoint
            .unwrap_or_else(|| url(common.endpoint.as_deref(), protocol, signal.path));
        let is_secure = is_enabled && url.starts_with("https://");
        Route {
            is_enabled,
            protocol,
            tls: tls::read(&signal.tls, &common_tls, is_secure, errors),
            url,
            headers,
            timeout: own.timeout.or(common.timeout).unwrap_or(TIMEOUT),
            gzip: own.gzip.or(common.gzip).unwrap_or(true),
        }
    })
}

/// The default timeout of an attempt.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the URL of a signal without an endpoint of its own. Over HTTP, its path is appended to the common URL.
fn url(common: Option<&str>, protocol: OtlpProtocol, path: &str) -> String {
    match protocol {
        OtlpProtocol::Grpc => common.unwrap_or("http://localhost:4317").to_owned(),
        OtlpProtocol::HttpProtobuf => {
            let base = common.unwrap_or("http://localhost:4318");
            format!("{}/{path}", base.trim_end_matches('/'))
        }
    }
}

/// Returns whether a list of exporters contains `otlp`; `None` if it is not set.
fn is_enabled(exporter: &'static str, errors: &mut ConfigErrors) -> Option<bool> {
    const EXPECTED: &str = "`otlp`, `prometheus`, `console` or `none`, separated by commas";
    settings::parsed(&[exporter], EXPECTED, errors, |value| {
        let value = value.to_ascii_lowercase();
        let names = value.split(',').map(str::trim).filter(|n| !n.is_empty());
        let mut is_listed = false;
        for name in names {
            match name {
                "otlp" => is_listed = true,
                "none" | "prometheus" | "console" => {}
                _ => return None,
            }
        }
        Some(is_listed)
    })
}

fn protocol(name: &'static str, errors: &mut ConfigErrors) -> Option<OtlpProtocol> {
    settings::parsed(
        &[name],
        "`http/protobuf` or `grpc`",
        errors,
        |value| match value.to_ascii_lowercase().as_str() {
            "http/protobuf" => Some(OtlpProtocol::HttpProtobuf),
            "grpc" => Some(OtlpProtocol::Grpc),
            _ => None,
        },
    )
}

fn compression(name: &'static str, errors: &mut ConfigErrors) -> Option<bool> {
    settings::parsed(&[name], "`gzip` or `none`", errors, |value| {
        match value.to_ascii_lowercase().as_str() {
            "gzip" => Some(true),
            "none" => Some(false),
            _ => None,
        }
    })
}

/// Returns whether metrics have delta temporality. `lowmemory` uses it for counters and histograms.
fn is_delta(errors: &mut ConfigErrors) -> bool {
    const EXPECTED: &str = "`cumulative`, `delta` or `lowmemory`";
    let names = &["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"];
    let parsed = settings::parsed(names, EXPECTED, errors, |value| {
        match value.to_ascii_lowercase().as_str() {
            "cumulative" => Some(false),
            "delta" | "lowmemory" => Some(true),
            _ => None,
        }
    });
    parsed.unwrap_or(false)
}

/// Returns the URL, and adds an error if it is invalid.
fn validated(name: &'static str, url: String, errors: &mut ConfigErrors) -> String {
    if !is_url(&url) {
        const EXPECTED: &str = "a URL that begins with `http://` or `https://`";
        errors.value(name, settings::bare(&url), EXPECTED);
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
