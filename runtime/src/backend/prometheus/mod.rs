//! Prometheus: the metrics as a page, in the classic text format or as OpenMetrics.

mod encode;

use crate::base::builder::Builder;
use crate::base::settings::{self, ConfigErrors, Identity};
use crate::pipeline::serve::page::{Answer, Body, Page};
use crate::pipeline::{Backend, Config, Endpoints, Environment, Pages, Started};
use std::io::{self, BufWriter};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// OpenTelemetry's default for its Prometheus exporter.
const PORT: u16 = 9464;

/// The metrics as a page for Prometheus, for an application that serves it itself: the content type, and the body.
/// `accept` is the request's header of that name.
///
/// ```
/// let (content_type, body) = instrumental::prometheus_page("text/plain");
/// assert!(content_type.starts_with("text/plain; version=0.0.4"));
/// # drop(body);
/// ```
#[must_use]
pub fn prometheus_page(accept: &str) -> (&'static str, String) {
    let open_metrics = wants_open_metrics(accept);
    let mut body = Vec::new();
    // Into memory: cannot fail.
    let _ = encode::write(
        &mut body,
        &crate::ops::samples::samples(),
        None,
        open_metrics,
    );
    let body = String::from_utf8(body).unwrap_or_default();
    (content_type(open_metrics), body)
}

fn content_type(open_metrics: bool) -> &'static str {
    if open_metrics { OPEN_METRICS } else { CLASSIC }
}

/// Whether the client takes OpenMetrics, and takes it as gladly as text.
fn wants_open_metrics(accept: &str) -> bool {
    let quality = |name: &str| {
        let ranges = accept.split(',').map(str::trim);
        let found = ranges.filter(|range| range.starts_with(name)).map(|range| {
            let q = range
                .split(';')
                .find_map(|part| part.trim().strip_prefix("q="));
            q.map_or(1.0, |q| q.parse().unwrap_or(0.0))
        });
        found.fold(0.0_f64, f64::max)
    };
    let open = quality("application/openmetrics-text");
    open > 0.0 && open >= quality("text/plain")
}

/// `/metrics`.
fn page(identity: &Identity) -> Page {
    let identity = identity.clone();
    Page::new("/metrics", move |request| {
        let open_metrics = wants_open_metrics(&request.accept);
        let identity = identity.clone();
        Answer {
            status: 200,
            content_type: content_type(open_metrics),
            headers: &[],
            body: Body::Streamed(Box::new(move |out| {
                let mut out = BufWriter::new(out);
                encode::write(
                    &mut out,
                    &crate::ops::samples::samples(),
                    Some(&identity),
                    open_metrics,
                )?;
                std::io::Write::flush(&mut out)
            })),
        }
    })
}

/// The address that the program gave.
#[derive(Debug)]
struct Address(SocketAddr);

impl Builder {
    /// Serves the metrics to Prometheus at this address, under `/metrics`.
    ///
    /// ```no_run
    /// let telemetry = instrumental::builder().prometheus(([127, 0, 0, 1], 9464).into()).init()?;
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    pub fn prometheus(mut self, address: SocketAddr) -> Self {
        self.given.set(Address(address));
        self
    }
}

/// Settings in force: the addresses that the page is served at.
pub(crate) struct PrometheusConfig(Vec<SocketAddr>);

impl Backend for PrometheusConfig {
    const NAME: &'static str = "prometheus";
    const QUEUES: &'static [&'static str] = &[];

    fn configure(environment: Environment<'_>, errors: &mut ConfigErrors) -> Option<Self> {
        let given = environment.given.get::<Address>();
        let addresses = addresses(given.map(|address| address.0), errors);
        (!addresses.is_empty()).then_some(Self(addresses))
    }

    fn endpoints(&self) -> Endpoints {
        let addresses = self.0.iter();
        addresses
            .map(|address| ("pages", format!("http://{address}")))
            .collect()
    }

    fn start(self, config: &Config) -> io::Result<Started> {
        Ok(Started {
            consumer: None,
            pages: Some(Pages {
                setting: "PROMETHEUS_PORT",
                places: self.0.into_iter().map(|address| vec![address]).collect(),
                pages: vec![page(&config.identity)],
            }),
        })
    }
}

/// Where the page is served, if it is: `OTEL_EXPORTER_PROMETHEUS_HOST` and `_PORT`, `PROMETHEUS_PORT`,
/// `OTEL_METRICS_EXPORTER=prometheus`.
fn addresses(given: Option<SocketAddr>, faults: &mut ConfigErrors) -> Vec<SocketAddr> {
    const HOST: &str = "OTEL_EXPORTER_PROMETHEUS_HOST";
    if let Some(given) = given {
        return vec![given];
    }
    let ports = &["OTEL_EXPORTER_PROMETHEUS_PORT", "PROMETHEUS_PORT"];
    let parse = |value: &str| value.parse().ok();
    let port = settings::parsed(ports, "a port from 0 to 65535", faults, parse);
    let host = settings::text(&[HOST]);
    let exporter = settings::text(&["OTEL_METRICS_EXPORTER"]);
    let asked =
        exporter.is_some_and(|names| names.split(',').any(|name| name.trim() == "prometheus"));
    if port.is_none() && host.is_none() && !asked {
        return Vec::new();
    }
    let port = port.unwrap_or(PORT);
    match host {
        None => loopback(port),
        Some(host) => match (host.as_str(), port).to_socket_addrs() {
            Ok(addresses) => addresses.collect(),
            Err(_) => {
                faults.value(HOST, host, "a host of this machine");
                Vec::new()
            }
        },
    }
}

/// Both loopback addresses, where the machine has both; with any port, one.
fn loopback(port: u16) -> Vec<SocketAddr> {
    let mut addresses = vec![SocketAddr::from((IpAddr::from(Ipv4Addr::LOCALHOST), port))];
    let v6 = SocketAddr::from((IpAddr::from(Ipv6Addr::LOCALHOST), port));
    let has_v6 = || std::net::UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    if port != 0 && has_v6() {
        addresses.push(v6);
    }
    addresses
}

#[cfg(test)]
mod tests;
