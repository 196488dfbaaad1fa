//! Sentry's rules, which have limits of their own.

use super::tests::{alert, deployment};
use super::{Routes, sentry};
use crate::query::{matcher, tests::shop};
use instrumental_manifest::{Query, Selection};
use serde_json::Value;

fn errors(error: &str) -> Selection {
    Selection {
        metric: "function.errors".into(),
        matchers: vec![
            matcher("function", &["PaymentService::hold"]),
            matcher("error", &[error]),
        ],
    }
}

/// Returns the rules and warnings of an alert with this query and threshold.
fn rules(query: Query, threshold: Option<f64>) -> (Value, Vec<String>) {
    let mut shop = shop();
    let changed = alert(&mut shop, "auth_failures");
    changed.condition.query = query;
    if let Some(threshold) = threshold {
        changed.condition.threshold = threshold;
    }
    let changed = changed.clone();
    sentry::of(&deployment(&shop), &[&changed], &Routes::default())
}

#[test]
fn one_kind_of_error_is_an_issue_alert() {
    let of = vec![errors("card \"declined\"")];
    let (rules, _) = rules(Query::Rate { of }, None);
    let issue = &rules["issue_alerts"][0];
    assert_eq!(issue["conditions"][0]["value"], 50);
    assert_eq!(issue["conditions"][0]["interval"], "5m");
    assert_eq!(issue["filters"][0]["value"], "card \"declined\"");
    assert_eq!(issue["filters"][1]["value"], "shop::payments");
}

#[test]
fn a_threshold_above_the_reported_rate_is_a_warning() {
    let of = vec![errors("card \"declined\"")];
    let (rules, warnings) = rules(Query::Rate { of }, Some(1.0));
    assert_eq!(rules["issue_alerts"].as_array().map(Vec::len), Some(0));
    assert!(
        warnings[0].contains("at most 30 errors of a kind per minute"),
        "{warnings:?}"
    );
}

#[test]
fn several_kinds_of_errors_are_a_metric_alert() {
    let of = vec![errors("a"), errors("b*")];
    let (rules, _) = rules(Query::Increase { of }, Some(4.0));
    let metric = &rules["metric_alerts"][0];
    assert_eq!(metric["aggregate"], "count()");
    assert_eq!(metric["triggers"][0]["alertThreshold"], 4.0);
    assert_eq!(
        metric["query"],
        "(event.type:error stack.function:[\"PaymentService::hold\"] error.type:[\"a\"] OR \
         event.type:error stack.function:[\"PaymentService::hold\"] error.type:[\"b\\*\"])"
    );
}
