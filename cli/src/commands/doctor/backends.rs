//! Checks of every address of every backend.

use super::address::{Address, Destination, SocketKind, destinations};
use super::finding::Checks;
use super::http::connect;
use super::network::{Network, Target};
use super::{agent, datagrams, folder, otlp, pages, sentry};
use instrumental_manifest::Config;

/// Checks all addresses; if `offline`, only those that are files.
pub(super) fn check(config: &Config, offline: bool, checks: &mut Checks) {
    let mut network = Network::new(config);
    for backend in &config.backends {
        for destination in destinations(backend) {
            match offline {
                true => check_files(&backend.name, &destination, checks),
                false => check_address(&backend.name, destination, &mut network, checks),
            }
        }
    }
    if offline {
        return checks.skip("clock", "--offline: no clock was checked");
    }
    network.check_proxy(checks);
    network.clocks.check(checks);
}

fn check_address(
    backend: &str,
    destination: Destination<'_>,
    network: &mut Network<'_>,
    checks: &mut Checks,
) {
    let signals = &destination.signals;
    match (backend, destination.address) {
        ("logs", None) if destination.text == "stdout" => {}
        (_, None) => unknown(backend, destination.text, checks),
        (_, Some(Address::Folder(path))) => folder::check(&path, checks),
        ("datadog", Some(Address::Unix(path, kind))) if signals.contains(&"metrics") => {
            datagrams::unix("dogstatsd", &path, kind, false, checks);
        }
        ("datadog", Some(Address::Unix(path, _))) => {
            datagrams::unix("datadog", &path, SocketKind::Stream, false, checks);
            if !checks.is_unreachable("datadog") {
                agent::over_socket(&path, checks);
            }
        }
        (_, Some(Address::Unix(path, kind))) => datagrams::unix("tcp", &path, kind, false, checks),
        (_, Some(Address::Udp(host, port))) => datagrams::udp(&host, port, checks),
        (_, Some(Address::Tcp(host, port))) => log_lines(&host, port, checks),
        ("prometheus" | "live", Some(Address::Http(url))) => pages::check(backend, &url, checks),
        ("sentry", Some(Address::Http(url))) => sentry::check(&url, network, checks),
        ("datadog", Some(Address::Http(url))) => agent::over_http(&url, network, checks),
        ("otlp", Some(Address::Http(url))) => otlp::check(signals, &url, network, checks),
        (_, Some(Address::Http(url))) => {
            let target = Target { backend, url: &url };
            network.reach(target, "", checks);
        }
    }
}

/// Checks what needs no connection.
fn check_files(backend: &str, destination: &Destination<'_>, checks: &mut Checks) {
    let is_metrics = destination.signals.contains(&"metrics");
    match (backend, &destination.address) {
        ("logs", None) if destination.text == "stdout" => {}
        (_, None) => unknown(backend, destination.text, checks),
        (_, Some(Address::Folder(path))) => folder::check(path, checks),
        (_, Some(Address::Unix(path, kind))) => {
            let (name, kind) = match (backend, is_metrics) {
                ("datadog", true) => ("dogstatsd", *kind),
                ("datadog", false) => ("datadog", SocketKind::Stream),
                _ => ("tcp", *kind),
            };
            datagrams::unix(name, path, kind, true, checks);
        }
        (_, Some(_)) => {
            let fact = format!("--offline: no connection to {}", destination.text);
            checks.skip(&format!("{backend}.connect"), fact);
        }
    }
}

fn unknown(backend: &str, text: &str, checks: &mut Checks) {
    checks.skip(backend, format!("`{text}` is an unknown kind of address"));
}

/// Log lines over TCP.
fn log_lines(host: &str, port: u16, checks: &mut Checks) {
    match connect(host, port) {
        Ok(fact) => checks.ok("logs.tcp", fact),
        Err(why) => {
            checks.fail(
                "logs.tcp",
                why,
                "open the port that receives log lines (Datadog's Agent: `logs_enabled: true` and a TCP listener in \
                 `conf.d`), or correct LOG_TCP",
            );
            checks.mark_unreachable("tcp");
        }
    }
}
