//! The program's own pages, and whether their ports are free.

use super::address::Url;
use super::finding::Checks;
use super::http::{Client, NoAnswer};
use super::page::MetricsPage;
use std::io::ErrorKind;
use std::net::{TcpListener, ToSocketAddrs};

pub(super) fn check(name: &str, url: &Url, checks: &mut Checks) {
    let check = format!("{name}.page");
    if url.port == 0 {
        return checks.skip(
            &check,
            "the program uses any free port, and logs it at startup",
        );
    }
    let path = if name == "prometheus" {
        "/metrics"
    } else {
        "/"
    };
    let asked = Url {
        host: local(&url.host),
        ..url.clone()
    };
    match Client::direct().get(&asked.at(path), &[]) {
        Ok(answer)
            if answer.status == 200
                && (name != "prometheus" || MetricsPage::parse(&answer.body).is_ok()) =>
        {
            checks.ok(&check, format!("{}{path} is served", url.authority()));
        }
        Ok(answer) => occupied(
            &check,
            url,
            &format!("answers HTTP {} to {path}", answer.status),
            checks,
        ),
        Err(NoAnswer::Other(why)) if why == ErrorKind::ConnectionRefused.to_string() => {
            free(&check, url, checks)
        }
        Err(NoAnswer::Other(why) | NoAnswer::Proxy(why) | NoAnswer::Tls(why)) => {
            occupied(&check, url, &why, checks)
        }
    }
}

fn occupied(check: &str, url: &Url, what: &str, checks: &mut Checks) {
    checks.fail(
        check,
        format!("something else listens at {}: {what}", url.authority()),
        "stop it, or set another port (PROMETHEUS_PORT, INSTRUMENTAL_LIVE); `init()` fails if the port is in use",
    );
}

/// Checks whether the program could serve at an address where nothing listens.
fn free(check: &str, url: &Url, checks: &mut Checks) {
    let address = (url.host.as_str(), url.port)
        .to_socket_addrs()
        .ok()
        .and_then(|mut found| found.next());
    let bound = match address {
        Some(address) => TcpListener::bind(address)
            .map(drop)
            .map_err(|error| error.kind()),
        None => Err(ErrorKind::NotFound),
    };
    match bound {
        Ok(()) => checks.ok(
            check,
            format!(
                "{} is free; the program is not running on this machine",
                url.authority()
            ),
        ),
        Err(why) => checks.fail(
            check,
            format!("cannot listen at {}: {why}", url.authority()),
            "set an address of this machine and a free port above 1023",
        ),
    }
}

/// Returns a host for requests to a page that is served at every address.
fn local(host: &str) -> String {
    match host {
        "0.0.0.0" => "127.0.0.1".into(),
        "::" => "::1".into(),
        host => host.to_owned(),
    }
}
