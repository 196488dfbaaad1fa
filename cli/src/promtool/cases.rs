//! The tests of an alert.

use super::stretch::{Activity, Stretch};
use crate::error::Error;
use instrumental_manifest::{Comparison, Condition, Query};

/// The evaluation interval, in seconds.
pub(super) const OFTEN: f64 = 60.0;
/// The evaluation interval of tests that span days, in seconds.
pub(super) const SELDOM: f64 = 1200.0;
pub(super) const DAY: f64 = 86_400.0;

/// A test of one alert.
pub(super) struct Case {
    pub what: &'static str,
    pub stretches: Vec<Stretch>,
    /// The time of the evaluation, in seconds.
    pub at: f64,
    /// Whether the numerator of a ratio has series.
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

/// Returns the interval of samples: several fit in a window, and Prometheus never considers a series stale.
pub(super) fn step(condition: &Condition) -> f64 {
    let fits = |step: &&f64| **step <= condition.window / 4.0;
    let steps = [240.0, 120.0, 60.0, 30.0, 15.0, 5.0, 1.0];
    steps
        .iter()
        .find(fits)
        .copied()
        .unwrap_or(condition.window / 4.0)
}

/// Returns all tests of an alert.
pub(super) fn of(condition: &Condition) -> Result<Vec<Case>, Error> {
    if let Some(past) = condition.past {
        return compared(condition, past);
    }
    let end = 2.0 * condition.window + condition.lasting + 3.0 * OFTEN;
    let at = (end / OFTEN).ceil() * OFTEN;
    let steps = steps(at, condition);
    let (breach, healthy) = values(condition);
    let mut cases = Vec::new();
    if condition.compare != Comparison::Absent {
        let never =
            || Error::new("no value is beyond the threshold, so the alert would never fire");
        let stretch = Stretch::of(steps, Activity::Value(breach.ok_or_else(never)?));
        cases.push(Case::new("fires", vec![stretch], at, true));
    }
    if let Some(healthy) = healthy {
        let normal = Stretch::of(steps, Activity::Value(healthy));
        cases.push(Case::new(
            "does not fire on normal values",
            vec![normal],
            at,
            false,
        ));
        if !is_level(&condition.query) {
            let rest = Stretch {
                restart: true,
                ..Stretch::of(steps / 4, normal.activity)
            };
            let before = Stretch::of(steps - rest.steps, normal.activity);
            let stretches = vec![before, rest];
            cases.push(Case::new(
                "does not fire on a restart",
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

/// Returns the tests in which nothing happens, which makes some alerts fire.
fn nothing(condition: &Condition, at: f64, steps: usize) -> Vec<Case> {
    let counted = matches!(
        condition.query,
        Query::Rate { .. } | Query::Increase { .. } | Query::Total { .. }
    );
    let fires = match condition.compare {
        Comparison::Above => false,
        Comparison::Below => counted && condition.threshold > 0.0,
        Comparison::Absent => true,
    };
    let (quiet, missing) = if fires {
        ("fires if nothing happens", "fires if there are no series")
    } else {
        (
            "does not fire if nothing happens",
            "does not fire if there are no series",
        )
    };
    let mut cases = vec![Case::new(missing, Vec::new(), at, fires)];
    if !matches!(condition.query, Query::Level { .. }) {
        let stretch = Stretch::of(steps, Activity::Idle);
        cases.push(Case::new(quiet, vec![stretch], at, fires));
    }
    cases
}

/// Returns a test of series that did not exist before.
fn unseen(condition: &Condition, breach: Option<f64>, at: f64, steps: usize) -> Option<Case> {
    match (&condition.query, condition.compare) {
        (Query::Share { .. } | Query::Fraction { .. }, Comparison::Below)
            if condition.threshold > 0.0 =>
        {
            let stretches = vec![Stretch::of(steps, Activity::Value(0.0))];
            Some(Case {
                part: false,
                ..Case::new(
                    "fires if the numerator was never recorded",
                    stretches,
                    at,
                    true,
                )
            })
        }
        // The first value must stay in the window until the alert fires.
        (Query::Increase { .. }, Comparison::Above)
            if condition.lasting + 3.0 * OFTEN <= condition.window =>
        {
            let step = step(condition);
            let before = (at / step).ceil() as usize;
            // All events happen in one step, so they are the initial value of the series.
            let first = Activity::Value(breach? * condition.window / step);
            let begins = Stretch {
                restart: true,
                ..Stretch::of(1, first)
            };
            let after = Stretch::of(steps, Activity::Idle);
            let begun = before as f64 * step;
            let at = ((begun + condition.lasting) / OFTEN).ceil() * OFTEN + OFTEN;
            let stretches = vec![Stretch::of(before, Activity::Missing), begins, after];
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

/// Returns the tests of an alert that compares with the past. Every stretch is as long as the distance to the past, so the
/// ratio of the compared values is constant.
fn compared(condition: &Condition, past: f64) -> Result<Vec<Case>, Error> {
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
        let value = |n: i32| Activity::Value(begin * factor.powi(n));
        (0..=count).map(|n| Stretch::of(steps, value(n))).collect()
    };
    let limit = condition.threshold;
    let (breach, healthy) = match condition.compare {
        Comparison::Above if limit > 0.0 => (limit * 2.0, limit / 2.0),
        Comparison::Below if limit > 0.0 => (limit / 2.0, limit * 2.0),
        Comparison::Absent => {
            return Err(Error::new(
                "an absence cannot be compared with the past; remove the comparison",
            ));
        }
        _ => {
            return Err(Error::new(
                "a factor must be above 0, or the alert would never fire",
            ));
        }
    };
    let quiet = vec![Stretch::of(steps * (count as usize + 1), Activity::Idle)];
    Ok(vec![
        Case::new("fires", stretches(breach), at, true),
        Case::new(
            "does not fire on normal values",
            stretches(healthy),
            at,
            false,
        ),
        Case::new("does not fire if nothing happens", quiet, at, false),
        Case::new(
            "does not fire if there are no series",
            Vec::new(),
            at,
            false,
        ),
    ])
}

fn steps(at: f64, condition: &Condition) -> usize {
    (at / step(condition)).ceil() as usize + 2
}

fn is_level(query: &Query) -> bool {
    matches!(query, Query::Level { .. } | Query::Fraction { .. })
}

/// Returns a value beyond the threshold and one within it, if there are any.
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
        Comparison::Above => (above.filter(|value| *value > limit), below.or(none)),
        Comparison::Below => (below, above),
        Comparison::Absent => (None, Some(10.0)),
    }
}
