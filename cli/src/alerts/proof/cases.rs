//! What each alert is tested with.

use super::series::{Stretch, What};
use crate::failure::Failure;
use crate::manifest::{Compare, Condition, Query};

/// How often rules are evaluated, in seconds.
pub(super) const OFTEN: f64 = 60.0;
/// And where a test spans days.
pub(super) const SELDOM: f64 = 1200.0;
pub(super) const DAY: f64 = 86_400.0;

/// A test of one alert.
pub(super) struct Case {
    pub what: &'static str,
    pub stretches: Vec<Stretch>,
    /// When it is looked at, in seconds.
    pub at: f64,
    /// Whether the part of a share is there at all.
    pub part: bool,
    pub fires: bool,
}

impl Case {
    fn new(what: &'static str, stretches: Vec<Stretch>, at: f64, fires: bool) -> Self {
        Self {
            what,
            stretches,
            at,
            part: true,
            fires,
        }
    }
}

/// Between two samples: some to a window, and never so far apart that a series counts as gone.
pub(super) fn step(condition: &Condition) -> f64 {
    let fits = |step: &&f64| **step <= condition.window / 4.0;
    let steps = [240.0, 120.0, 60.0, 30.0, 15.0, 5.0, 1.0];
    steps
        .iter()
        .find(fits)
        .copied()
        .unwrap_or(condition.window / 4.0)
}

/// All tests of an alert.
pub(super) fn of(condition: &Condition) -> Result<Vec<Case>, Failure> {
    if let Some(past) = condition.past {
        return compared(condition, past);
    }
    let end = 2.0 * condition.window + condition.lasting + 3.0 * OFTEN;
    let at = (end / OFTEN).ceil() * OFTEN;
    let steps = steps(at, condition);
    let (breach, healthy) = values(condition);
    let mut cases = Vec::new();
    if condition.compare != Compare::Absent {
        let never = || Failure::new("no value is beyond the threshold: the alert would never fire");
        let stretch = Stretch::of(steps, What::Value(breach.ok_or_else(never)?));
        cases.push(Case::new("fires", vec![stretch], at, true));
    }
    if let Some(healthy) = healthy {
        let well = Stretch::of(steps, What::Value(healthy));
        cases.push(Case::new(
            "is silent while all is well",
            vec![well],
            at,
            false,
        ));
        if !is_level(&condition.query) {
            let rest = Stretch {
                restart: true,
                ..Stretch::of(steps / 4, well.what)
            };
            let before = Stretch::of(steps - rest.steps, well.what);
            let stretches = vec![before, rest];
            cases.push(Case::new(
                "is silent through a restart",
                stretches,
                at,
                false,
            ));
        }
    }
    cases.extend(nothing(condition, at, steps));
    cases.extend(unseen(condition, breach, at, steps));
    Ok(cases)
}

/// Tests of when nothing happens. What was not counted did not happen: that is what some alerts are about.
fn nothing(condition: &Condition, at: f64, steps: usize) -> Vec<Case> {
    let counted = matches!(
        condition.query,
        Query::Rate { .. } | Query::Increase { .. } | Query::Total { .. }
    );
    let is_wrong = match condition.compare {
        Compare::Above => false,
        Compare::Below => counted && condition.threshold > 0.0,
        Compare::Absent => true,
    };
    let (quiet, missing) = if is_wrong {
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
    let mut cases = vec![Case::new(missing, Vec::new(), at, is_wrong)];
    if !matches!(condition.query, Query::Level { .. }) {
        let stretch = Stretch::of(steps, What::Nothing);
        cases.push(Case::new(quiet, vec![stretch], at, is_wrong));
    }
    cases
}

/// A test of what was never recorded before.
fn unseen(condition: &Condition, breach: Option<f64>, at: f64, steps: usize) -> Option<Case> {
    match (&condition.query, condition.compare) {
        (Query::Share { .. } | Query::Fraction { .. }, Compare::Below)
            if condition.threshold > 0.0 =>
        {
            let stretches = vec![Stretch::of(steps, What::Value(0.0))];
            Some(Case {
                part: false,
                ..Case::new(
                    "fires when the part was never recorded",
                    stretches,
                    at,
                    true,
                )
            })
        }
        // The window holds the first value for long enough.
        (Query::Increase { .. }, Compare::Above)
            if condition.lasting + 3.0 * OFTEN <= condition.window =>
        {
            let step = step(condition);
            let before = (at / step).ceil() as usize;
            // All of it in one step: the value that the series begins with.
            let first = What::Value(breach? * condition.window / step);
            let begins = Stretch {
                restart: true,
                ..Stretch::of(1, first)
            };
            let after = Stretch::of(steps, What::Nothing);
            let begun = before as f64 * step;
            let at = ((begun + condition.lasting) / OFTEN).ceil() * OFTEN + OFTEN;
            let stretches = vec![Stretch::of(before, What::Missing), begins, after];
            Some(Case::new(
                "fires on the first events ever",
                stretches,
                at,
                true,
            ))
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
    let divided = matches!(
        condition.query,
        Query::Share { .. } | Query::Fraction { .. }
    );
    let stretches = |factor: f64| -> Vec<Stretch> {
        let begin = if divided {
            0.5 / factor.max(1.0).powi(count)
        } else {
            100.0
        };
        let value = |n: i32| What::Value(begin * factor.powi(n));
        (0..=count).map(|n| Stretch::of(steps, value(n))).collect()
    };
    let limit = condition.threshold;
    let (breach, healthy) = match condition.compare {
        Compare::Above if limit > 0.0 => (limit * 2.0, limit / 2.0),
        Compare::Below if limit > 0.0 => (limit / 2.0, limit * 2.0),
        Compare::Absent => {
            return Err(Failure::new("what is absent is not compared with the past"));
        }
        _ => {
            return Err(Failure::new(
                "a factor has to be above 0: the alert would never fire",
            ));
        }
    };
    let quiet = vec![Stretch::of(steps * (count as usize + 1), What::Nothing)];
    Ok(vec![
        Case::new("fires", stretches(breach), at, true),
        Case::new("is silent while all is well", stretches(healthy), at, false),
        Case::new("is silent when nothing happens", quiet, at, false),
        Case::new("is silent when there are no series", Vec::new(), at, false),
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
