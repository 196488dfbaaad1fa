//! Sentry's rules, with limits of their own.

use super::tests::{alert, deployment};
use super::{Routes, sentry};
use crate::query::tests::shop;
use instrumental_manifest::{Query, Selection};

#[test]
fn sentry_counts_captured_errors() {
    let mut shop = shop();
    let errors = |error: &str| Selection {
        metric: "function.errors".into(),
        matchers: vec![
            crate::query::matcher("function", &["PaymentService::hold"]),
            crate::query::matcher("error", &[error]),
        ],
    };
    let changed = alert(&mut shop, "auth_failures");
    changed.condition.query = Query::Rate {
        of: vec![errors("card \"declined\"")],
    };
    let deployment = deployment(&shop);
    let (rules, _) = sentry::of(
        &deployment,
        &[alert(&mut shop.clone(), "auth_failures")],
        &Routes::default(),
    );
    let issue = &rules["issue_alerts"][0];
    assert_eq!(issue["conditions"][0]["value"], 50);
    assert_eq!(issue["conditions"][0]["interval"], "5m");
    assert_eq!(issue["filters"][0]["value"], "card \"declined\"");
    assert_eq!(issue["filters"][1]["value"], "shop::payments");
    // More than are reported cannot be waited for.
    let mut many = shop.clone();
    alert(&mut many, "auth_failures").condition.threshold = 1.0;
    let (rules, left) = sentry::of(
        &deployment,
        &[alert(&mut many, "auth_failures")],
        &Routes::default(),
    );
    assert_eq!(
        rules["issue_alerts"]
            .as_array()
            .expect("as the shop has it")
            .len(),
        0
    );
    assert!(
        left[0].contains("at most 30 errors of a kind per minute"),
        "{left:?}"
    );
    // Any of two kinds is a metric alert.
    let mut two = shop.clone();
    let changed = alert(&mut two, "auth_failures");
    changed.condition.query = Query::Increase {
        of: vec![errors("a"), errors("b*")],
    };
    changed.condition.threshold = 4.0;
    let (rules, _) = sentry::of(
        &deployment,
        &[alert(&mut two, "auth_failures")],
        &Routes::default(),
    );
    let metric = &rules["metric_alerts"][0];
    assert_eq!(metric["aggregate"], "count()");
    assert_eq!(metric["triggers"][0]["alertThreshold"], 4.0);
    assert_eq!(
        metric["query"],
        "(event.type:error stack.function:[\"PaymentService::hold\"] error.type:[\"a\"] OR \
         event.type:error stack.function:[\"PaymentService::hold\"] error.type:[\"b\\*\"])"
    );
}
