//! Unit tests of the rules of objectives, for promtool.

use super::expectation::expected;
use super::series::Source;
use super::stretch::{Activity, Stretch};
use crate::deployment::Deployment;
use crate::query;
use crate::query::promql::duration;
use crate::slo::{Goal, LEFT, Objective, calls, failing};
use crate::yaml;
use instrumental_manifest::Severity;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The interval of samples and evaluations, in seconds.
const STEP: f64 = 120.0;
const HOUR: f64 = 3600.0;

/// A test of an objective's alerts.
struct Case {
    what: &'static str,
    /// Ratios of bad calls, each with its duration in seconds; `None` if there are no calls.
    bad: Vec<(Option<f64>, f64)>,
    /// Severities that fire at the end.
    fires: Vec<Severity>,
}

/// Returns the test file. Each test covers all objectives with one kind of goal, as promtool evaluates every rule in every
/// test.
pub(crate) fn file(
    deployment: &Deployment<'_>,
    objectives: &[Objective],
    selected: &dyn Fn(Severity) -> bool,
) -> (&'static str, String) {
    let mut tests = Vec::new();
    for success in [true, false] {
        let of_kind = |one: &&Objective| (one.goal == Goal::Success) == success;
        let objectives: Vec<_> = objectives.iter().filter(of_kind).collect();
        if objectives.is_empty() {
            continue;
        }
        for n in 0..cases(0.0).len() {
            tests.push(test(deployment, &objectives, n, selected));
        }
        tests.push(budget(deployment, &objectives));
    }
    let interval = duration(STEP);
    let tests = json!({
        "rule_files": ["../slo.yml"], "evaluation_interval": interval, "tests": tests,
    });
    ("prometheus/tests/slo_test.yml", yaml::generated(&tests))
}

/// Returns the tests of an objective; there are equally many for every budget.
fn cases(budget: f64) -> Vec<Case> {
    // The ratio of bad calls at a burn rate halfway between two limits, at most 1.
    let between = |low: f64, high: f64| Some(f64::midpoint(low * budget, high * budget).min(1.0));
    // With a large budget no error rate exceeds the limit, and there is no such alert.
    let fires = |bad: Option<f64>, severities: &[(Severity, f64)]| {
        let over = |factor: f64| bad.is_some_and(|bad| bad > factor * budget);
        let fires = severities.iter().filter(|(_, factor)| over(*factor));
        fires.map(|(severity, _)| *severity).collect::<Vec<_>>()
    };
    let case = |what, bad, fires| Case { what, bad, fires };
    let (half, slow, fast) = (Some(budget / 2.0), between(3.0, 6.0), between(14.4, 30.0));
    let page = [(Severity::P1, 6.0), (Severity::P3, 1.0)];
    vec![
        case(
            "silence within the objective",
            vec![(half, 2.0 * HOUR)],
            vec![],
        ),
        case("silence without calls", vec![(None, 2.0 * HOUR)], vec![]),
        case("silence without series", vec![], vec![]),
        case(
            "a slow burn",
            vec![(slow, 3.0 * HOUR)],
            fires(slow, &[(Severity::P3, 1.0)]),
        ),
        case("a fast burn", vec![(fast, 2.0 * HOUR)], fires(fast, &page)),
        case(
            "a fast burn that is over",
            vec![(fast, 2.0 * HOUR), (Some(0.0), 0.75 * HOUR)],
            fires(fast, &[(Severity::P3, 1.0)]),
        ),
    ]
}

fn test(
    deployment: &Deployment<'_>,
    objectives: &[&Objective],
    n: usize,
    selected: &dyn Fn(Severity) -> bool,
) -> Value {
    let (mut all, mut alerts) = (Vec::new(), BTreeMap::<&str, Vec<Value>>::new());
    let (mut at, mut what) = (2.0 * HOUR, "");
    for objective in objectives {
        let case = cases(objective.budget).swap_remove(n);
        at = case.bad.iter().map(|(_, time)| time).sum::<f64>().max(at);
        what = case.what;
        all.extend(series(deployment, objective, &case.bad));
        for rule in &objective.rules {
            let fires = alerts.entry(&rule.name).or_default();
            if case.fires.contains(&rule.severity) && selected(rule.severity) {
                fires.push(expected(rule, &objective.service));
            }
        }
    }
    let at = duration(at);
    let alerts = alerts.into_iter();
    let alerts: Vec<_> = alerts
        .map(|(name, fires)| json!({"eval_time": at, "alertname": name, "exp_alerts": fires}))
        .collect();
    json!({
        "name": format!("{}: {what}", goal(objectives)),
        "interval": duration(STEP),
        "input_series": all,
        "alert_rule_test": alerts,
    })
}

fn goal(objectives: &[&Objective]) -> &'static str {
    match objectives {
        [one, ..] if one.goal == Goal::Success => "success",
        _ => "latency",
    }
}

/// Returns a test that half of the budget remains if half of the allowed calls are bad. Prometheus extrapolates the rate of
/// each series over less than its window, so the ratio is inexact.
fn budget(deployment: &Deployment<'_>, objectives: &[&Objective]) -> Value {
    let half = |one: &&Objective| series(deployment, one, &[(Some(one.budget / 2.0), HOUR)]);
    let all: Vec<_> = objectives.iter().flat_map(half).collect();
    let tests: Vec<_> = objectives
        .iter()
        .map(|objective| {
            json!({
                "expr": format!("abs(sum({}) - 0.5) < bool 0.02", objective.series(LEFT)),
                "eval_time": duration(HOUR),
                "exp_samples": [{"labels": "{}", "value": 1}],
            })
        })
        .collect();
    json!({
        "name": format!("{}: half of the budget is left", goal(objectives)),
        "interval": duration(STEP),
        "input_series": all,
        "promql_expr_test": tests,
    })
}

fn series(
    deployment: &Deployment<'_>,
    objective: &Objective,
    bad: &[(Option<f64>, f64)],
) -> Vec<Value> {
    if bad.is_empty() {
        return Vec::new();
    }
    let stretches: Vec<_> = bad
        .iter()
        .map(|(bad, seconds)| {
            let steps = (seconds / STEP) as usize + 1;
            Stretch::of(steps, bad.map_or(Activity::Idle, Activity::Value))
        })
        .collect();
    let source = Source {
        manifest: deployment.manifest,
        job: deployment.job,
        window: HOUR,
        step: STEP,
        part: true,
    };
    match objective.goal {
        Goal::Success => {
            let share = failing(&objective.function);
            source.series(&share, &stretches).unwrap_or_default()
        }
        Goal::Latency { bound, .. } => {
            let whole = calls(&objective.function);
            let metric = query::metric(deployment.manifest, &whole.metric);
            metric
                .map(|metric| source.slow(metric, &whole, bound, &stretches))
                .unwrap_or_default()
        }
    }
}
