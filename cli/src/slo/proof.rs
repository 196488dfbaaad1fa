//! Unit tests of the objectives' rules, for promtool.

use super::{Kind, LEFT, Objective, calls};
use crate::alerts::proof::{
    expected,
    series::{Source, Stretch, What},
};
use crate::alerts::{Context, file_of};
use crate::manifest::{Query, Severity};
use crate::query;
use crate::query::promql::duration;
use serde_json::{Value, json};

/// Between samples and evaluations, in seconds.
const STEP: f64 = 60.0;
const HOUR: f64 = 3600.0;

/// A test of one objective's alerts.
struct Case {
    what: &'static str,
    /// The part of calls that are bad, and for how long in seconds; `None`: no calls.
    bad: Vec<(Option<f64>, f64)>,
    /// Severities that fire at its end.
    fires: Vec<Severity>,
}

pub(super) fn file(
    context: &Context<'_>,
    objectives: &[Objective],
    meant: &dyn Fn(Severity) -> bool,
) -> String {
    let mut tests = Vec::new();
    for objective in objectives {
        for case in cases(objective.budget) {
            tests.extend(test(context, objective, &case, meant));
        }
        tests.push(budget(context, objective));
    }
    let tests =
        json!({"rule_files": ["slo.yml"], "evaluation_interval": duration(STEP), "tests": tests});
    file_of("", &tests)
}

fn cases(budget: f64) -> Vec<Case> {
    // As bad as a burn rate between two limits makes it; all calls are bad at most.
    let between = |low: f64, high: f64| f64::midpoint(low * budget, (high * budget).min(1.0));
    let possible = |factor: f64| factor * budget < 1.0;
    let fires = |severities: &[(Severity, f64)]| {
        let fires = severities.iter().filter(|(_, factor)| possible(*factor));
        fires.map(|(severity, _)| *severity).collect::<Vec<_>>()
    };
    let mut cases = vec![
        Case {
            what: "is silent within the objective",
            bad: vec![(Some(budget / 2.0), 2.0 * HOUR)],
            fires: vec![],
        },
        Case {
            what: "is silent without calls",
            bad: vec![(None, 2.0 * HOUR)],
            fires: vec![],
        },
        Case {
            what: "is silent without series",
            bad: vec![],
            fires: vec![],
        },
        Case {
            what: "tells of a slow burn",
            bad: vec![(Some(between(3.0, 6.0)), 3.0 * HOUR)],
            fires: fires(&[(Severity::P3, 3.0)]),
        },
    ];
    // Where even calls that are all bad burn no faster, there is no such alert.
    if possible(14.4) {
        let fast = between(14.4, 30.0);
        cases.push(Case {
            what: "pages for a fast burn",
            bad: vec![(Some(fast), 2.0 * HOUR)],
            fires: vec![Severity::P1, Severity::P3],
        });
        cases.push(Case {
            what: "stops to page when it is over",
            bad: vec![(Some(fast), 2.0 * HOUR), (Some(0.0), 0.75 * HOUR)],
            fires: vec![Severity::P3],
        });
    }
    cases
}

fn test(
    context: &Context<'_>,
    objective: &Objective,
    case: &Case,
    meant: &dyn Fn(Severity) -> bool,
) -> Option<Value> {
    let at = case
        .bad
        .iter()
        .map(|(_, seconds)| seconds)
        .sum::<f64>()
        .max(2.0 * HOUR);
    let name = &objective.rules.first()?.name;
    let fires = objective
        .rules
        .iter()
        .filter(|rule| case.fires.contains(&rule.severity) && meant(rule.severity));
    let fires: Vec<_> = fires
        .map(|rule| expected(rule, &objective.service))
        .collect();
    Some(json!({
        "name": format!("{name}: {}", case.what),
        "interval": duration(STEP),
        "input_series": series(context, objective, &case.bad),
        "alert_rule_test": [{"eval_time": duration(at), "alertname": name, "exp_alerts": fires}],
    }))
}

/// That half of the budget is left when half as many calls are bad as may be.
fn budget(context: &Context<'_>, objective: &Objective) -> Value {
    let left = objective.series(LEFT);
    let series = series(context, objective, &[(Some(objective.budget / 2.0), HOUR)]);
    json!({
        "name": format!("{} of {}: what is left of the budget", LEFT, objective.function.name),
        "interval": duration(STEP),
        "input_series": series,
        "promql_expr_test": [{
            "expr": format!("abs(sum({left}) - 0.5) < bool 0.001"),
            "eval_time": duration(HOUR),
            "exp_samples": [{"labels": "{}", "value": 1}],
        }],
    })
}

fn series(context: &Context<'_>, objective: &Objective, bad: &[(Option<f64>, f64)]) -> Vec<Value> {
    let stretches: Vec<_> = bad
        .iter()
        .map(|(bad, seconds)| Stretch {
            steps: (seconds / STEP) as usize + 1,
            what: bad.map_or(What::Nothing, What::Value),
            restart: false,
        })
        .collect();
    let source = Source {
        manifest: context.manifest,
        job: context.job,
        window: HOUR,
        step: STEP,
        part: true,
    };
    let whole = calls(&objective.function);
    match objective.kind {
        Kind::Success => {
            let mut part = whole.clone();
            part.matchers
                .push(super::matcher("outcome", &["error", "panicked"]));
            let share = Query::Share {
                part: vec![part],
                whole: vec![whole],
            };
            source.series(&share, &stretches).unwrap_or_default()
        }
        Kind::Latency { bound, .. } => {
            let metric = query::metric(context.manifest, &whole.metric);
            metric
                .map(|metric| source.slow(metric, &whole, bound, &stretches))
                .unwrap_or_default()
        }
    }
}
