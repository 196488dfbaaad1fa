//! Datadog's Agent.

use super::address::{Address, Url};
use super::finding::Checks;
use super::network::{Network, Target};
use instrumental_manifest::Config;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// The maximum size of an answer.
const MAX_ANSWER: usize = 1 << 20;
const REMEDY: &str = "start the Agent (`sudo systemctl restart datadog-agent`; its log is \
                      /var/log/datadog/agent.log and trace-agent.log), open port 8126 over TCP (in a container: \
                      DD_APM_NON_LOCAL_TRAFFIC=true and `-p 8126:8126`, not `/udp`), or correct DD_AGENT_HOST and \
                      DD_TRACE_AGENT_PORT";

pub(super) fn over_http(url: &Url, network: &mut Network<'_>, checks: &mut Checks) {
    let target = Target {
        backend: "datadog",
        url,
    };
    if !network.reach(target, REMEDY, checks) {
        return;
    }
    let answer = network
        .client
        .get(&url.at(&format!("{}/info", url.path)), &[]);
    if let Some(answer) = network.answered(target, answer, checks) {
        info(answer.status, &answer.body, &url.authority(), checks);
    }
}

/// Checks the Agent on its Unix socket.
pub(super) fn over_socket(path: &Path, checks: &mut Checks) {
    let shown = path.display().to_string();
    let answer = ask(path);
    let parts = answer
        .as_deref()
        .ok()
        .and_then(|text| text.split_once("\r\n\r\n"));
    let status = parts.and_then(|(head, _)| head.split(' ').nth(1)?.parse().ok());
    match (status, parts) {
        (Some(status), Some((_, body))) => info(status, body, &shown, checks),
        _ => {
            checks.fail(
                "datadog.answer",
                format!("{shown}: the answer is not HTTP"),
                REMEDY,
            );
            checks.mark_unreachable("datadog");
        }
    }
}

fn ask(path: &Path) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(Duration::from_secs(3)))?;
    stream.write_all(b"GET /info HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    let mut part = [0; 16 << 10];
    // Until the end of the answer, as the server may keep the connection open.
    while !is_whole(&answer) && answer.len() < MAX_ANSWER {
        match stream.read(&mut part)? {
            0 => break,
            len => answer.extend_from_slice(&part[..len]),
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

fn info(status: u16, body: &str, place: &str, checks: &mut Checks) {
    let agent: Option<Value> = serde_json::from_str(body).ok().filter(Value::is_object);
    match (status, agent) {
        (200, Some(agent)) => {
            let version = agent["version"].as_str().unwrap_or("unknown");
            let endpoints: Vec<_> = agent["endpoints"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            if endpoints.contains(&"/v0.4/traces") {
                return checks.ok(
                    "datadog.answer",
                    format!("{place} is an Agent of version {version} with {} endpoints, including /v0.4/traces", endpoints.len()),
                );
            }
            checks.fail(
                "datadog.answer",
                format!("{place} is an Agent of version {version} that accepts no traces (/v0.4/traces is not listed)"),
                "set DD_APM_ENABLED=true for the Agent, and restart it",
            );
        }
        (404, _) => checks.warn(
            "datadog.answer",
            format!("{place} has no /info: an Agent older than 7.28, or another program"),
            "update the Agent; the round trip checks whether it accepts traces",
        ),
        _ => {
            checks.fail(
                "datadog.answer",
                format!("{place} answers HTTP {status}, unlike an Agent"),
                REMEDY,
            );
            checks.mark_unreachable("datadog");
        }
    }
}

/// Whether a URL has the host of the Agent that the program sends to.
pub(super) fn is_at(config: &Config, url: &Url) -> bool {
    let endpoints = config
        .backends
        .iter()
        .filter(|backend| backend.name == "datadog");
    let hosts = endpoints
        .flat_map(|backend| &backend.endpoints)
        .filter_map(|endpoint| match Address::parse(&endpoint.address)? {
            Address::Http(url) => Some(url.host),
            Address::Udp(host, _) => Some(host),
            _ => None,
        });
    let local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "::1");
    hosts
        .into_iter()
        .any(|host| host == url.host || local(&host) && local(&url.host))
}
