//! Prometheus: serves the metrics as a page, in the text format or as OpenMetrics.

mod encode;

use crate::base::builder::Builder;
use crate::base::settings::{self, ConfigErrors, Identity};
use crate::pipeline::serve::page::{Answer, Body, Page};
use crate::pipeline::{Backend, Config, Endpoints, Environment, Pages, Started};
use std::io::{self, BufWriter};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The default of `OTEL_EXPORTER_PROMETHEUS_PORT`.
const PORT: u16 = 9464;

/// Returns the content type and the body of a page for Prometheus, for an application that serves it itself. `accept` is
/// the `Accept` header of the request, which selects the format.
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
    // Writing to memory cannot fail.
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
    if open_metrics { OPEN_METRICS } else { TEXT }
}

/// Returns whether the client accepts OpenMetrics with at least the quality of the text format (RFC 9110, 12.4.2).
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

/// Returns the page `/metrics`.
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

/// The address that was set in code.
#[derive(Debug)]
struct Address(SocketAddr);

impl Builder {
    /// Serves the metrics to Prometheus at this address, with the path `/metrics`.
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

/// The settings: the addresses that the page is served at.
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

/// Returns the addresses to serve the page at; none if the backend is off. Reads `OTEL_EXPORTER_PROMETHEUS_HOST` and
/// `_PORT`, `PROMETHEUS_PORT` and `OTEL_METRICS_EXPORTER`.
fn addresses(given: Option<SocketAddr>, errors: &mut ConfigErrors) -> Vec<SocketAddr> {
    const HOST: &str = "OTEL_EXPORTER_PROMETHEUS_HOST";
    if let Some(given) = given {
        return vec![given];
    }
    let ports = &["OTEL_EXPORTER_PROMETHEUS_PORT", "PROMETHEUS_PORT"];
    let parse = |value: &str| value.parse().ok();
    let port = settings::parsed(ports, "a port from 0 to 65535", errors, parse);
    let host = settings::text(&[HOST]);
    let exporter = settings::text(&["OTEL_METRICS_EXPORTER"]);
    let is_listed =
        exporter.is_some_and(|names| names.split(',').any(|name| name.trim() == "prometheus"));
    if port.is_none() && host.is_none() && !is_listed {
        return Vec::new();
    }
    let port = port.unwrap_or(PORT);
    match host {
        None => loopback(port),
        Some(host) => match (host.as_str(), port).to_socket_addrs() {
            Ok(addresses) => addresses.collect(),
            Err(_) => {
                errors.value(HOST, host, "a host of this machine");
                Vec::new()
            }
        },
    }
}

/// Returns the loopback addresses of IPv4 and, if the machine has it, IPv6. With port 0, returns one address, so that the
/// page has one port.
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
