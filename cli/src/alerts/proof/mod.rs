//! Unit tests of the rules for promtool: that each alert fires when it should, and is silent when it should be.

mod cases;
mod drawing;
mod labels;
pub(crate) mod series;

use super::rules::Rule;
use super::{Context, file};
use crate::failure::Failure;
use crate::manifest::{Alert, Condition};
use crate::query::promql::duration;
use cases::{Case, DAY, OFTEN, SELDOM, step};
use serde_json::{Map, Value, json};
use series::Source;

/// The tests' files.
pub(crate) fn files(
    context: &Context<'_>,
    alerts: &[&Alert],
    rules: &[Rule],
) -> Result<Vec<(&'static str, String)>, Failure> {
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for (alert, rule) in alerts.iter().zip(rules) {
        let named = |failure| Failure::new(format!("{}: {failure}", alert.place.source()));
        for case in cases::of(&alert.condition).map_err(named)? {
            let spans_days = case.at > DAY;
            let test = test(context, &alert.condition, rule, &case).map_err(named)?;
            if spans_days { &mut long } else { &mut short }.push(test);
        }
    }
    let tests = |interval: f64, tests: Vec<Value>| {
        file(
            &json!({"rule_files": ["alerts.yml"], "evaluation_interval": duration(interval), "tests": tests}),
        )
    };
    Ok(vec![
        ("prometheus/alerts_test.yml", tests(OFTEN, short)),
        ("prometheus/alerts_long_test.yml", tests(SELDOM, long)),
    ])
}

/// A group of promtool's.
fn test(
    context: &Context<'_>,
    condition: &Condition,
    rule: &Rule,
    case: &Case,
) -> Result<Value, Failure> {
    let source = Source {
        manifest: context.manifest,
        job: context.job,
        window: condition.window,
        step: step(condition),
        part: case.part,
    };
    let series = match case.stretches.as_slice() {
        [] => Vec::new(),
        stretches => source.series(&condition.query, stretches)?,
    };
    let service = &context.manifest.service.name;
    let expected = if case.fires {
        vec![expected(rule, service)]
    } else {
        Vec::new()
    };
    Ok(json!({
        "name": format!("{}: {}", rule.name, case.what),
        "interval": duration(source.step),
        "input_series": series,
        "alert_rule_test": [{"eval_time": duration(case.at), "alertname": rule.name, "exp_alerts": expected}],
    }))
}

/// The alert that is expected of a rule.
pub(crate) fn expected(rule: &Rule, service: &str) -> Value {
    let labels = rule.labels(service).into_iter();
    let labels: Map<String, Value> = labels.map(|(name, value)| (name, value.into())).collect();
    let annotations = rule.annotations.iter();
    let annotations: Map<String, Value> = annotations
        .map(|(name, text)| ((*name).to_owned(), text.as_str().into()))
        .collect();
    json!({"exp_labels": labels, "exp_annotations": annotations})
}
