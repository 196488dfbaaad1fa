//! Whether requests are seen: one request to the running service, and a look at its metrics before and after.

use super::address::{Address, Url, backend};
use super::finding::Checks;
use super::http::{Client, Silence};
use super::page::Page;
use crate::manifest::Config;
use std::time::{Duration, Instant, SystemTime};

const NAME: &str = "handler";
/// What the server layer counts.
const COUNT: &str = "http_server_request_duration_seconds_count";
/// How long a request may take to be on the page.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where the service's metrics are: as given, or where the manifest says.
pub(crate) fn metrics_url(given: Option<&str>, config: &Config) -> Option<String> {
    if let Some(given) = given {
        let has_path = Url::parse(given).is_some_and(|url| !url.path.is_empty());
        return Some(if has_path {
            given.to_owned()
        } else {
            format!("{}/metrics", given.trim_end_matches('/'))
        });
    }
    let endpoints = &backend(config, "prometheus")?.endpoints;
    endpoints
        .iter()
        .find_map(|endpoint| match Address::parse(&endpoint.address)? {
            Address::Http(url) if url.port != 0 => Some(url.at("/metrics")),
            _ => None,
        })
}

/// The metrics of a running service.
pub(crate) fn page(url: &str) -> Result<Page, String> {
    match Client::direct().get(url, &[("accept", "text/plain")]) {
        Ok(answer) if answer.status == 200 => {
            Page::parse(&answer.body).ok_or_else(|| format!("{url} is no page of metrics"))
        }
        Ok(answer) => Err(format!("{url} answers HTTP {}", answer.status)),
        Err(Silence::Other(why) | Silence::Proxy(why) | Silence::Tls(why)) => {
            Err(format!("{url}: {why}"))
        }
    }
}

pub(super) fn check(service: &str, metrics: Option<&str>, config: &Config, checks: &mut Checks) {
    let Some(url) = metrics_url(metrics, config) else {
        return checks.skip(
            NAME,
            "where the metrics of the service are is not known: say --metrics URL",
        );
    };
    let requests = || page(&url).map(|page| page.sum(COUNT, |_| true).unwrap_or(0.0));
    let before = match requests() {
        Ok(before) => before,
        Err(why) => {
            return checks.fail(
                NAME,
                why,
                "say where the running service's metrics are: --metrics URL",
            );
        }
    };
    let status = match Client::direct().get(service, &[("traceparent", &traceparent())]) {
        Ok(answer) => answer.status,
        Err(Silence::Other(why) | Silence::Proxy(why) | Silence::Tls(why)) => {
            return checks.fail(
                NAME,
                format!("{service}: {why}"),
                "start the service, or correct --service URL",
            );
        }
    };
    let deadline = Instant::now() + PATIENCE;
    loop {
        let grown = requests().unwrap_or(before) - before;
        if grown > 0.0 {
            return checks.ok(
                NAME,
                format!(
                    "a request to {service} (HTTP {status}) was counted: {COUNT} grew by {grown}"
                ),
            );
        }
        if Instant::now() >= deadline {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    checks.fail(
        NAME,
        format!("a request to {service} (HTTP {status}) was not counted: {COUNT} stays at {before}"),
        "put `.layer(instrumental::http::server())` on the whole router, after all other layers: the last one is the \
         outermost, and sees what the others answer; and compare --metrics with the service that was asked",
    );
}

/// A trace of this tool's own: sampled, with ids from the clock and the process.
fn traceparent() -> String {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let (time, process) = (
        now.as_nanos() as u64 | 1,
        u64::from(std::process::id()) | 1 << 40,
    );
    format!("00-{process:016x}{time:016x}-{time:016x}-01")
}
