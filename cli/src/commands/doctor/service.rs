//! Whether the running service counts requests: its metrics before and after one request.

use super::address::{Address, Url, backend};
use super::finding::Checks;
use super::http::{Client, NoAnswer};
use super::page::MetricsPage;
use instrumental_manifest::Config;
use std::time::{Duration, Instant, SystemTime};

const NAME: &str = "handler";
/// The count of the server layer.
const COUNT: &str = "http_server_request_duration_seconds_count";
/// How long to wait for the request to appear on the page.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Returns the URL of the service's metrics, as given or else from the manifest.
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

/// Returns the metrics of a running service.
pub(crate) fn page(url: &str) -> Result<MetricsPage, String> {
    match Client::direct().get(url, &[("accept", "text/plain")]) {
        Ok(answer) if answer.status == 200 => MetricsPage::parse(&answer.body)
            .map_err(|why| format!("{url} is not a page of metrics: {why}")),
        Ok(answer) => Err(format!("{url} answers HTTP {}", answer.status)),
        Err(NoAnswer::Other(why) | NoAnswer::Proxy(why) | NoAnswer::Tls(why)) => {
            Err(format!("{url}: {why}"))
        }
    }
}

pub(super) fn check(service: &str, metrics: Option<&str>, config: &Config, checks: &mut Checks) {
    let Some(url) = metrics_url(metrics, config) else {
        return checks.skip(
            NAME,
            "the address of the service's metrics is unknown; use --metrics URL",
        );
    };
    let requests = || page(&url).map(|page| page.sum(COUNT, |_| true).unwrap_or(0.0));
    let before = match requests() {
        Ok(before) => before,
        Err(why) => {
            return checks.fail(
                NAME,
                why,
                "use --metrics URL for the address of the running service's metrics",
            );
        }
    };
    let status = match Client::direct().get(service, &[("traceparent", &traceparent())]) {
        Ok(answer) => answer.status,
        Err(NoAnswer::Other(why) | NoAnswer::Proxy(why) | NoAnswer::Tls(why)) => {
            return checks.fail(
                NAME,
                format!("{service}: {why}"),
                "start the service, or correct --service URL",
            );
        }
    };
    let grown = grown(before, || requests().unwrap_or(before));
    if grown > 0.0 {
        return checks.ok(
            NAME,
            format!("a request to {service} (HTTP {status}) was counted: {COUNT} grew by {grown}"),
        );
    }
    checks.fail(
        NAME,
        format!("a request to {service} (HTTP {status}) was not counted: {COUNT} stays at {before}"),
        "add `.layer(instrumental::http::server())` to the whole router after all other layers, as the last one is the \
         outermost and sees the answers of the others; and check that --metrics belongs to this service",
    );
}

/// Waits until the count has grown, and returns by how much; 0 after the timeout.
fn grown(before: f64, count: impl Fn() -> f64) -> f64 {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let grown = count() - before;
        if grown > 0.0 || Instant::now() >= deadline {
            return grown.max(0.0);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Returns the context of a new, sampled trace with ids from the clock and the process.
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
