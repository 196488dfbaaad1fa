//! Datadog's monitors of the shop.

use super::tests::{alert, deployment};
use super::{Routes, monitors};
use crate::query::tests::shop;
use instrumental_manifest::{Alert, Manifest};
use serde_json::Value;

/// Returns the monitors of the shop, with one malicious text.
fn shop_monitors() -> Vec<Value> {
    let mut shop: Manifest = shop();
    alert(&mut shop, "payment_failures").summary = "Failed {{#is_alert}} @all".into();
    let alerts: Vec<&Alert> = shop.alerts.iter().collect();
    let routes = Routes {
        mail: Some("ops@shop.example".into()),
        ..Routes::default()
    };
    let monitors = monitors::of(&deployment(&shop), &alerts, &routes);
    let monitors = monitors.expect("the shop is valid");
    monitors.as_array().expect("a list").clone()
}

fn find(name: &str) -> Value {
    let is_named = |monitor: &Value| {
        let full = monitor["name"].as_str();
        full.is_some_and(|full| full.ends_with(name))
    };
    let found = shop_monitors().into_iter().find(is_named);
    found.unwrap_or_else(|| panic!("no monitor {name}"))
}

#[test]
fn queries_have_the_window_of_the_condition() {
    let of = "{service:shop AND env:production}";
    for (name, expected) in [
        (
            ": PaymentFailures",
            format!("sum(last_5m):sum:payment.failed{of}.as_count() > 0"),
        ),
        (
            ": PoolExhausted",
            format!(
                "min(last_5m):(default_zero(sum:db.connections.open{of}) / sum:db.connections.max{of}) > 0.9"
            ),
        ),
        (
            ": SlowCardProcessor",
            format!("percentile(last_10m):p95:payments.processing{of} > 2"),
        ),
        (
            ": FewerBids",
            format!(
                "sum(last_1h):default_zero(sum:bids.submitted{of}.as_count()) / \
                 timeshift(sum:bids.submitted{of}.as_count(), -604800) < 0.5"
            ),
        ),
    ] {
        assert_eq!(find(name)["query"], expected.as_str(), "{name}");
    }
    let quiet = find(": NoBids");
    assert_eq!(quiet["options"]["notify_no_data"], true);
    assert_eq!(quiet["options"]["no_data_timeframe"], 20);
}

#[test]
fn messages_end_with_the_handles_of_the_recipients() {
    for (name, expected) in [
        (
            ": PaymentFailures",
            "@pagerduty-payments @slack-alerts @slack-payments",
        ),
        // This alert names the channel of its severity.
        (": ServerErrors", "@slack-alerts @ops@shop.example"),
        (": HighLatency", "@slack-alerts @ops@shop.example"),
        (": NoBids", "@slack-monitoring"),
        (": FewerBids", "Source: src/alerts.rs:90"),
    ] {
        let monitor = find(name);
        let message = monitor["message"].as_str().expect("a message");
        assert_eq!(message.lines().last(), Some(expected), "{name}");
    }
    let monitor = find(": PaymentFailures");
    let message = monitor["message"].as_str().expect("a message");
    assert_eq!(
        message.lines().next(),
        Some("Failed { {#is_alert} } (at)all")
    );
}
