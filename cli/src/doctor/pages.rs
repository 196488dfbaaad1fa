//! The program's own pages: served by a running one, or to be had by one that is to be started.

use super::address::Url;
use super::finding::Checks;
use super::http::{Client, Silence};
use super::page::Page;
use std::io::ErrorKind;
use std::net::{TcpListener, ToSocketAddrs};

pub(super) fn check(name: &str, url: &Url, checks: &mut Checks) {
    let check = format!("{name}.page");
    if url.port == 0 {
        return checks.skip(
            &check,
            "any free port is taken: where, the program says when it starts",
        );
    }
    let path = if name == "prometheus" {
        "/metrics"
    } else {
        "/"
    };
    let asked = Url {
        host: near(&url.host),
        ..url.clone()
    };
    match Client::direct().get(&asked.at(path), &[]) {
        Ok(answer)
            if answer.status == 200
                && (name != "prometheus" || Page::parse(&answer.body).is_some()) =>
        {
            checks.ok(&check, format!("{}{path} is served", url.authority()));
        }
        Ok(answer) => taken(
            &check,
            url,
            &format!("answers HTTP {} to {path}", answer.status),
            checks,
        ),
        Err(Silence::Other(why)) if why == ErrorKind::ConnectionRefused.to_string() => {
            free(&check, url, checks)
        }
        Err(Silence::Other(why) | Silence::Proxy(why) | Silence::Tls(why)) => {
            taken(&check, url, &why, checks)
        }
    }
}

fn taken(check: &str, url: &Url, what: &str, checks: &mut Checks) {
    checks.fail(
        check,
        format!("something else is at {}: {what}", url.authority()),
        "end it, or set another port (PROMETHEUS_PORT, INSTRUMENTAL_LIVE): `init()` refuses one that is taken",
    );
}

/// Nobody answers: whether the program could.
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
                "{} is free; the program is not running, or not here",
                url.authority()
            ),
        ),
        Err(why) => checks.fail(
            check,
            format!("nothing can be served at {}: {why}", url.authority()),
            "set an address of this machine and a free port above 1023",
        ),
    }
}

/// Where a page that is served at every address can be asked for.
fn near(host: &str) -> String {
    match host {
        "0.0.0.0" => "127.0.0.1".into(),
        "::" => "::1".into(),
        host => host.to_owned(),
    }
}
