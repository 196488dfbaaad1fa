//! Unit tests of the rules for promtool: that each alert fires when it should, and is silent when it should be.

mod labels;
pub(crate) mod series;

use super::rules::Rule;
use super::{Context, file, words};
use crate::failure::Failure;
use crate::manifest::{Alert, Compare, Condition, Query};
use crate::query::promql::duration;
use serde_json::{Map, Value, json};
use series::{Source, Stretch, What};

/// How often rules are evaluated, in seconds.
const OFTEN: f64 = 60.0;
/// And where a test spans days.
const SELDOM: f64 = 1200.0;
const DAY: f64 = 86_400.0;

/// A test of one alert.
struct Case {
    what: &'static str,
    stretches: Vec<Stretch>,
    /// When it is looked at, in seconds.
    at: f64,
    /// Whether the part of a share is there at all.
    part: bool,
    fires: bool,
}

/// The tests' files.
pub(crate) fn files(
    context: &Context<'_>,
    alerts: &[&Alert],
    rules: &[Rule],
) -> Result<Vec<(&'static str, String)>, Failure> {
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for (alert, rule) in alerts.iter().zip(rules) {
        let named = |failure| Failure::new(format!("{}: {failure}", words::source(alert)));
        for case in cases(&alert.condition).map_err(named)? {
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
    let mut files = vec![("prometheus/alerts_test.yml", tests(OFTEN, short))];
    if !long.is_empty() {
        files.push(("prometheus/alerts_long_test.yml", tests(SELDOM, long)));
    }
    Ok(files)
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

/// Between two samples: some to a window, and never so far apart that a series counts as gone.
fn step(condition: &Condition) -> f64 {
    let fits = |step: &&f64| **step <= condition.window / 4.0;
    let steps = [240.0, 120.0, 60.0, 30.0, 15.0, 5.0, 1.0];
    steps
        .iter()
        .find(fits)
        .copied()
        .unwrap_or(condition.window / 4.0)
}

/// All tests of an alert.
fn cases(condition: &Condition) -> Result<Vec<Case>, Failure> {
    if let Some(past) = condition.past {
        return compared(condition, past);
    }
    let end = 2.0 * condition.window + condition.lasting + 3.0 * OFTEN;
    let at = (end / OFTEN).ceil() * OFTEN;
    let steps = steps(at, condition);
    let one = |what| {
        vec![Stretch {
            steps,
            what,
            restart: false,
        }]
    };
    let case = |what, stretches, fires| Case {
        what,
        stretches,
        at,
        part: true,
        fires,
    };
    let (breach, healthy) = values(condition);
    let mut cases = Vec::new();
    if condition.compare != Compare::Absent {
        let breach = breach.ok_or_else(|| {
            Failure::new("no value is beyond the threshold: the alert would never fire")
        })?;
        cases.push(case("fires", one(What::Value(breach)), true));
    }
    if let Some(healthy) = healthy {
        cases.push(case(
            "is silent while all is well",
            one(What::Value(healthy)),
            false,
        ));
        if !is_level(&condition.query) {
            let half = Stretch {
                steps: steps - steps / 4,
                what: What::Value(healthy),
                restart: false,
            };
            let rest = Stretch {
                steps: steps / 4,
                restart: true,
                ..half
            };
            cases.push(case("is silent through a restart", vec![half, rest], false));
        }
    }
    // What was not counted did not happen: that is what some alerts are about.
    let counted = matches!(
        condition.query,
        Query::Rate { .. } | Query::Increase { .. } | Query::Total { .. }
    );
    let none_is_wrong = match condition.compare {
        Compare::Above => false,
        Compare::Below => counted && condition.threshold > 0.0,
        Compare::Absent => true,
    };
    let (quiet, missing) = if none_is_wrong {
        (
            "fires when nothing happens",
            "fires when there are no series",
        )
    } else {
        (
            "is silent when nothing happens",
            "is silent when there are no series",
        )
    };
    if !matches!(condition.query, Query::Level { .. }) {
        cases.push(case(quiet, one(What::Nothing), none_is_wrong));
    }
    cases.push(case(missing, Vec::new(), none_is_wrong));
    cases.extend(unseen(condition, breach, at, steps));
    Ok(cases)
}

/// Tests of what was never recorded before.
fn unseen(condition: &Condition, breach: Option<f64>, at: f64, steps: usize) -> Option<Case> {
    let stretch = |steps, what| Stretch {
        steps,
        what,
        restart: false,
    };
    match (&condition.query, condition.compare) {
        (Query::Share { .. } | Query::Fraction { .. }, Compare::Below)
            if condition.threshold > 0.0 =>
        {
            Some(Case {
                what: "fires when the part was never recorded",
                stretches: vec![stretch(steps, What::Value(0.0))],
                at,
                part: false,
                fires: true,
            })
        }
        // The window holds the first value for long enough.
        (Query::Increase { .. }, Compare::Above)
            if condition.lasting + 3.0 * OFTEN <= condition.window =>
        {
            let step = step(condition);
            let before = (at / step).ceil() as usize;
            // All of it in one step: the value that the series begins with.
            let first = breach? * condition.window / step;
            let stretches = vec![
                stretch(before, What::Missing),
                Stretch {
                    restart: true,
                    ..stretch(1, What::Value(first))
                },
                stretch(steps, What::Nothing),
            ];
            let begun = before as f64 * step;
            let at = ((begun + condition.lasting) / OFTEN).ceil() * OFTEN + OFTEN;
            Some(Case {
                what: "fires on the first events ever",
                stretches,
                at,
                part: true,
                fires: true,
            })
        }
        _ => None,
    }
}

/// Tests of an alert that compares with the past: every stretch is as long as that is ago, so what is compared has one
/// ratio all the time.
fn compared(condition: &Condition, past: f64) -> Result<Vec<Case>, Failure> {
    let often = if past > DAY / 2.0 { SELDOM } else { OFTEN };
    let end = past + condition.window + condition.lasting + 3.0 * often;
    let at = (end / often).ceil() * often;
    let count = (at / past).ceil() as i32;
    let steps = (past / step(condition)).round() as usize;
    let stretches = |factor: f64| -> Vec<Stretch> {
        let begin = if matches!(
            condition.query,
            Query::Share { .. } | Query::Fraction { .. }
        ) {
            0.5 / factor.max(1.0).powi(count)
        } else {
            100.0
        };
        let value = |n: i32| What::Value(begin * factor.powi(n));
        (0..=count)
            .map(|n| Stretch {
                steps,
                what: value(n),
                restart: false,
            })
            .collect()
    };
    let limit = condition.threshold;
    let (breach, healthy) = match condition.compare {
        _ if limit <= 0.0 => {
            return Err(Failure::new(
                "a factor has to be above 0: the alert would never fire",
            ));
        }
        Compare::Above => (limit * 2.0, limit / 2.0),
        Compare::Below => (limit / 2.0, limit * 2.0),
        Compare::Absent => {
            return Err(Failure::new("what is absent is not compared with the past"));
        }
    };
    let quiet = Stretch {
        steps: steps * (count as usize + 1),
        what: What::Nothing,
        restart: false,
    };
    let case = |what, stretches, fires| Case {
        what,
        stretches,
        at,
        part: true,
        fires,
    };
    Ok(vec![
        case("fires", stretches(breach), true),
        case("is silent while all is well", stretches(healthy), false),
        case("is silent when nothing happens", vec![quiet], false),
        case("is silent when there are no series", Vec::new(), false),
    ])
}

fn steps(at: f64, condition: &Condition) -> usize {
    (at / step(condition)).ceil() as usize + 2
}

fn is_level(query: &Query) -> bool {
    matches!(query, Query::Level { .. } | Query::Fraction { .. })
}

/// A value beyond the threshold and one on its other side, where there are any.
fn values(condition: &Condition) -> (Option<f64>, Option<f64>) {
    let limit = condition.threshold;
    let is_share = matches!(condition.query, Query::Share { .. });
    let above = if is_share {
        let near = if limit > 0.0 { limit * 1.5 } else { 0.5 };
        (limit <= 1.0).then_some(near.min(f64::midpoint(limit, 1.0)))
    } else if limit == 0.0 {
        Some(1.0)
    } else {
        Some(limit + limit.abs() / 2.0)
    };
    let below = match limit {
        _ if matches!(condition.query, Query::Level { .. }) => {
            Some(limit - limit.abs().max(1.0) / 2.0)
        }
        limit if limit > 0.0 => Some(limit / 2.0),
        _ => None,
    };
    let none = (limit >= 0.0 && !matches!(condition.query, Query::Quantile { .. })).then_some(0.0);
    match condition.compare {
        Compare::Above => (above.filter(|value| *value > limit), below.or(none)),
        Compare::Below => (below, above),
        Compare::Absent => (None, Some(10.0)),
    }
}
