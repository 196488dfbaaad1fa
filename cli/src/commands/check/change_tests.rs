//! Findings of a comparison with a saved manifest.

use super::Check;
use super::tests::{clean, found, metric};
use instrumental_manifest::{Label, Manifest, MetricKind, Objective};

/// Returns the findings after a change to the clean program.
fn against(change: impl FnOnce(&mut Manifest)) -> Vec<String> {
    let mut shop = clean();
    change(&mut shop);
    found(&Check::default(), &shop, Some(&clean()))
}

#[test]
fn removed_and_changed_metrics_break_their_alerts() {
    let changes = against(|shop| {
        shop.metrics
            .retain(|metric| metric.name != "db.connections.max");
        metric(shop, "bids.submitted").kind = MetricKind::Gauge;
        metric(shop, "payments.processing").unit = "ms".into();
        shop.alerts.retain(|alert| alert.name != "pool_exhausted");
    });
    assert_eq!(
        changes,
        [
            "error changed the metric `bids.submitted` was a counter and is a gauge <- fewer_bids no_bids",
            "error changed the unit of the metric `payments.processing` was `s` and is `ms` <- slow_card_processor",
            "error removed the metric `db.connections.max` was removed <- pool_exhausted",
            "warning removed the P2 alert `pool_exhausted` was removed",
        ]
    );
}

#[test]
fn removed_and_changed_labels_break_their_alerts() {
    let changes = against(|shop| {
        let labels = &mut metric(shop, "bids.submitted").labels;
        labels[0].values = vec!["plumbing".into(), "roofing".into(), "tiling".into()];
        metric(shop, "bids.response_time").labels[0].name = "trades".into();
        let route = Label {
            name: "region".into(),
            prometheus: "region".into(),
            values: Vec::new(),
            limit: 5,
        };
        metric(shop, "payments.processing").labels.push(route);
        metric(shop, "payment.released").labels.clear();
    });
    assert_eq!(
        changes,
        [
            "error changed the label `trade` of the metric `bids.submitted` no longer has `electrical`",
            "error renamed the label `trade` of the metric `bids.response_time` was renamed to `trades`",
            "error changed the metric `payments.processing` has a new label `region`, which splits each series \
             <- slow_card_processor",
            "error removed the label `trade` of the metric `payment.released` was removed",
            "note added the label `trade` of the metric `bids.submitted` now has `tiling`",
        ]
    );
}

#[test]
fn removed_and_renamed_events_are_reported_once_with_their_metrics() {
    let changes = against(|shop| {
        shop.events[0].name = "payment.release".into();
        shop.events[0].measures = vec!["payment.release.amount".into()];
        metric(shop, "payment.released").name = "payment.release".into();
        metric(shop, "payment.released.amount").name = "payment.release.amount".into();
        shop.events[1].fields = vec!["contract_id".into(), "attempt".into()];
        shop.alerts.retain(|alert| alert.name != "little_revenue");
    });
    assert_eq!(
        changes,
        [
            "error renamed the event `payment.released` was renamed to `payment.release` <- little_revenue",
            "error changed the event `payment.failed` no longer has `reason`",
            "warning removed the P3 alert `little_revenue` was removed",
            "note added the event `payment.failed` now has `attempt`",
        ]
    );
    let removed = against(|shop| {
        shop.events.truncate(1);
        shop.metrics
            .retain(|metric| metric.name != "payment.failed");
        shop.alerts.retain(|alert| alert.name != "payment_failures");
    });
    assert_eq!(
        removed[0],
        "error removed the event `payment.failed` was removed <- payment_failures"
    );
}

#[test]
fn removed_functions_and_weaker_objectives_are_found() {
    let changes = against(|shop| {
        shop.functions[0].objective = Some(Objective {
            success_percent: 99.0,
            latency: 0.5,
            latency_percent: 95.0,
        });
        shop.functions[0].slow = None;
        shop.functions[1].name = "PaymentService::holds".into();
        shop.functions[2].place.module = "shop::job".into();
        shop.functions.truncate(3);
    });
    assert_eq!(
        changes,
        [
            "error renamed the function `create` moved from `shop::jobs` to `shop::job`",
            "error removed the function `NotificationService::send` of `shop::notifications` was removed",
            "error changed the function `PaymentService::release` no longer counts its slow calls <- \
             payment_system_down",
            "error weakened the objective of `PaymentService::release` is weaker: 99% of its calls succeed, was 99.9%",
            "error weakened the objective of `PaymentService::release` is weaker: calls take up to 500 ms, was 250 ms",
            "error weakened the objective of `PaymentService::release` is weaker: 95% of its calls are in time, was 99%",
            "error renamed the function `PaymentService::hold` was renamed to `PaymentService::holds`",
        ]
    );
    let gone = against(|shop| shop.functions[0].objective = None);
    assert_eq!(
        gone,
        ["error weakened the objective of `PaymentService::release` is weaker: it was removed"]
    );
}

#[test]
fn additions_break_nothing() {
    let news = against(|shop| {
        let mut other = metric(shop, "auth.failures").clone();
        (other.name, other.prometheus) = ("jobs.open".into(), "jobs_open_total".into());
        other.datadog = "jobs.open".into();
        shop.metrics.push(other);
        let mut alert = shop.alerts[2].clone();
        alert.name = "slower".into();
        shop.alerts.push(alert);
        shop.functions[1].objective = shop.functions[0].objective.clone();
    });
    assert_eq!(
        news,
        [
            "note added the P2 alert `slower` is new",
            "note added `PaymentService::hold` has a new objective",
            "note added the metric `jobs.open` is new",
        ]
    );
}

#[test]
fn a_lower_severity_is_a_warning() {
    let milder = against(|shop| shop.alerts[0].severity = instrumental_manifest::Severity::P4);
    assert_eq!(
        milder,
        ["warning weakened the alert `payment_system_down` was P1 and is P4"]
    );
}
