//! Unit tests of the alerting rules for promtool: each alert fires when it should, and only then.

use super::cases::{self, Case, DAY, OFTEN, SELDOM, step};
use super::expectation::expected;
use super::series::Source;
use crate::deployment::Deployment;
use crate::error::Error;
use crate::query::promql::duration;
use crate::rules::Rule;
use crate::yaml;
use instrumental_manifest::{Alert, Condition};
use serde_json::{Value, json};

/// Returns the test files. Tests that span days are in a file of their own, with a longer evaluation interval.
pub(crate) fn files(
    deployment: &Deployment<'_>,
    alerts: &[&Alert],
    rules: &[Rule],
) -> Result<Vec<(&'static str, String)>, Error> {
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for (alert, rule) in alerts.iter().zip(rules) {
        let with_place = |error| Error::new(format!("{}: {error}", alert.place.source()));
        for case in cases::of(&alert.condition).map_err(with_place)? {
            let spans_days = case.at > DAY;
            let test = test(deployment, &alert.condition, rule, &case).map_err(with_place)?;
            if spans_days { &mut long } else { &mut short }.push(test);
        }
    }
    let tests = |interval: f64, tests: Vec<Value>| {
        yaml::generated(&json!({
            "rule_files": ["../alerts.yml"], "evaluation_interval": duration(interval), "tests": tests,
        }))
    };
    Ok(vec![
        ("prometheus/tests/alerts_test.yml", tests(OFTEN, short)),
        ("prometheus/tests/alerts_long_test.yml", tests(SELDOM, long)),
    ])
}

/// Returns one test group.
fn test(
    deployment: &Deployment<'_>,
    condition: &Condition,
    rule: &Rule,
    case: &Case,
) -> Result<Value, Error> {
    let source = Source {
        manifest: deployment.manifest,
        job: deployment.job,
        window: condition.window,
        step: step(condition),
        part: case.part,
    };
    let series = match case.stretches.as_slice() {
        [] => Vec::new(),
        stretches => source.series(&condition.query, stretches)?,
    };
    let service = &deployment.manifest.service.name;
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
