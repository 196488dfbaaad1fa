//! Unit tests of the objectives' rules, for promtool.

use super::{Kind, LEFT, Objective, calls, failing};
use crate::alerts::proof::{
    expected,
    series::{Source, Stretch, What},
};
use crate::alerts::{Context, file_of};
use crate::manifest::Severity;
use crate::query;
use crate::query::promql::duration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Between samples and evaluations, in seconds.
const STEP: f64 = 120.0;
const HOUR: f64 = 3600.0;

/// What every objective's alerts are tested with.
struct Case {
    what: &'static str,
    /// The part of calls that are bad, and for how long in seconds; `None`: no calls.
    bad: Vec<(Option<f64>, f64)>,
    /// Severities that fire at its end.
    fires: Vec<Severity>,
}

/// The tests. Each is of all objectives of a kind at once, as promtool evaluates every rule in every test.
pub(super) fn file(
    context: &Context<'_>,
    objectives: &[Objective],
    meant: &dyn Fn(Severity) -> bool,
) -> String {
    let mut tests = Vec::new();
    for success in [true, false] {
        let of_kind = |one: &&Objective| (one.kind == Kind::Success) == success;
        let objectives: Vec<_> = objectives.iter().filter(of_kind).collect();
        if objectives.is_empty() {
            continue;
        }
        for n in 0..cases(0.0).len() {
            tests.push(test(context, &objectives, n, meant));
        }
        tests.push(budget(context, &objectives));
    }
    let interval = duration(STEP);
    file_of(
        "",
        &json!({"rule_files": ["slo.yml"], "evaluation_interval": interval, "tests": tests}),
    )
}

/// The cases of an objective, always as many.
fn cases(budget: f64) -> Vec<Case> {
    // As bad as a burn rate between two limits makes it; all calls are bad at most.
    let between = |low: f64, high: f64| Some(f64::midpoint(low * budget, high * budget).min(1.0));
    // Where even calls that are all bad burn no faster, there is no such alert.
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
    context: &Context<'_>,
    objectives: &[&Objective],
    n: usize,
    meant: &dyn Fn(Severity) -> bool,
) -> Value {
    let (mut all, mut alerts) = (Vec::new(), BTreeMap::<&str, Vec<Value>>::new());
    let (mut at, mut what) = (2.0 * HOUR, "");
    for objective in objectives {
        let case = cases(objective.budget).swap_remove(n);
        at = case.bad.iter().map(|(_, time)| time).sum::<f64>().max(at);
        what = case.what;
        all.extend(series(context, objective, &case.bad));
        for rule in &objective.rules {
            let fires = alerts.entry(&rule.name).or_default();
            if case.fires.contains(&rule.severity) && meant(rule.severity) {
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
        "name": format!("{}: {what}", kind(objectives)),
        "interval": duration(STEP),
        "input_series": all,
        "alert_rule_test": alerts,
    })
}

fn kind(objectives: &[&Objective]) -> &'static str {
    match objectives {
        [one, ..] if one.kind == Kind::Success => "success",
        _ => "latency",
    }
}

/// That half of the budget is left when half as many calls are bad as may be. A rate over less time than its window is
/// extrapolated, of each series by itself, so the ratio is off by some percent.
fn budget(context: &Context<'_>, objectives: &[&Objective]) -> Value {
    let half = |one: &&Objective| series(context, one, &[(Some(one.budget / 2.0), HOUR)]);
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
        "name": format!("{}: half of the budget is left", kind(objectives)),
        "interval": duration(STEP),
        "input_series": all,
        "promql_expr_test": tests,
    })
}

fn series(context: &Context<'_>, objective: &Objective, bad: &[(Option<f64>, f64)]) -> Vec<Value> {
    if bad.is_empty() {
        return Vec::new();
    }
    let stretches: Vec<_> = bad
        .iter()
        .map(|(bad, seconds)| {
            let steps = (seconds / STEP) as usize + 1;
            Stretch::of(steps, bad.map_or(What::Nothing, What::Value))
        })
        .collect();
    let source = Source {
        manifest: context.manifest,
        job: context.job,
        window: HOUR,
        step: STEP,
        part: true,
    };
    match objective.kind {
        Kind::Success => {
            let share = failing(&objective.function);
            source.series(&share, &stretches).unwrap_or_default()
        }
        Kind::Latency { bound, .. } => {
            let whole = calls(&objective.function);
            let metric = query::metric(context.manifest, &whole.metric);
            metric
                .map(|metric| source.slow(metric, &whole, bound, &stretches))
                .unwrap_or_default()
        }
    }
}
