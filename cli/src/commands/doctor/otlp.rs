//! OTLP endpoints.

use super::address::Url;
use super::agent;
use super::finding::Checks;
use super::network::{Network, Target};

pub(super) fn check(signals: &[&str], url: &Url, network: &mut Network<'_>, checks: &mut Checks) {
    let target = Target {
        backend: "otlp",
        url,
    };
    let remedy = remedy(url, network);
    if !network.reach(target, remedy, checks) {
        return;
    }
    let is_grpc = !url.path.contains("/v1/");
    if is_grpc {
        return checks.skip("otlp.answer", "gRPC: the round trip checks the answer");
    }
    // An empty body is valid: a request without data.
    let answer = network
        .client
        .post_nothing(&url.at(&url.path), "application/x-protobuf");
    let Some(answer) = network.answered(target, answer, checks) else {
        return;
    };
    let place = format!("{}{}", url.authority(), url.path);
    let (what, status) = (signals.join(", "), answer.status);
    let fault = match status {
        300..=399 | 404 | 405 => (
            format!("{place} answers HTTP {status}: it does not accept OTLP for {what}"),
            remedy,
        ),
        500.. => (
            format!("{place} reports an internal error: HTTP {status}"),
            "check the collector's log",
        ),
        401 | 403 => {
            let fact =
                format!("{place} requires a key (HTTP {status}); the round trip checks the key");
            return checks.ok("otlp.answer", fact);
        }
        _ => {
            return checks.ok(
                "otlp.answer",
                format!("{place} accepts {what}: HTTP {status}"),
            );
        }
    };
    checks.fail("otlp.answer", fault.0, fault.1);
    checks.mark_unreachable("otlp");
}

/// Returns what to do if the address does not accept OTLP.
fn remedy(url: &Url, network: &Network<'_>) -> &'static str {
    if agent::is_at(network.config, url) {
        return "this is the host of the Datadog Agent, which accepts OTLP only if configured: set \
                DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT=0.0.0.0:4318 (for gRPC: _GRPC_ENDPOINT=0.0.0.0:4317), and \
                restart it";
    }
    "start the collector with an OTLP receiver (HTTP: port 4318, gRPC: 4317), or correct OTEL_EXPORTER_OTLP_ENDPOINT and \
     OTEL_EXPORTER_OTLP_PROTOCOL"
}
