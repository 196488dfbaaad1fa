//! Alerts, with the conditions that their functions return.

use super::parts::{owned, place};
use crate::model::alert::{self, AlertSpec, Compare, Expression, Is};
use instrumental_manifest::{
    Alert, Comparison, Condition, MatchOperator, Matcher, Query, Selection, Severity,
};

pub(super) fn alert(spec: &AlertSpec) -> Alert {
    // The condition is code of the user's. If it panics, the other alerts are still written.
    let condition = std::panic::catch_unwind(spec.condition);
    let mut unresolved = Vec::new();
    let condition = condition.unwrap_or_else(|_| {
        unresolved.push(format!("`{}` panics", spec.name));
        crate::alerts::count(crate::alerts::all_calls()).above(0)
    });
    unresolved.extend(condition.unresolved.iter().cloned());
    Alert {
        name: spec.name.to_owned(),
        severity: match spec.severity {
            alert::Severity::P1 => Severity::P1,
            alert::Severity::P2 => Severity::P2,
            alert::Severity::P3 => Severity::P3,
            alert::Severity::P4 => Severity::P4,
        },
        summary: spec.summary.trim().to_owned(),
        impact: spec.impact.to_owned(),
        owner: spec.owner.to_owned(),
        runbook: spec.runbook.to_owned(),
        notify: owned(spec.notify),
        place: place(spec.file, spec.line, spec.module),
        condition: self::condition(&condition),
        unresolved,
    }
}

fn condition(condition: &alert::Condition) -> Condition {
    Condition {
        query: query(&condition.query),
        window: condition.window.as_secs_f64(),
        compare: match condition.compare {
            Compare::Above => Comparison::Above,
            Compare::Below => Comparison::Below,
            Compare::Absent => Comparison::Absent,
        },
        threshold: condition.threshold,
        unit: condition.unit.to_owned(),
        lasting: condition.lasting.as_secs_f64(),
        past: condition.past.map(|past| past.as_secs_f64()),
    }
}

fn query(query: &Expression) -> Query {
    let all = |of: &[alert::Selection]| of.iter().map(selection).collect();
    match query {
        Expression::Rate(of) => Query::Rate { of: all(of) },
        Expression::Increase(of) => Query::Increase { of: all(of) },
        Expression::Share(part, whole) => Query::Share {
            part: all(part),
            whole: all(whole),
        },
        Expression::Quantile(q, of) => Query::Quantile {
            q: *q,
            of: selection(of),
        },
        Expression::Average(of) => Query::Average { of: selection(of) },
        Expression::Total(of) => Query::Total { of: all(of) },
        Expression::Level(of) => Query::Level { of: selection(of) },
        Expression::Fraction(part, whole) => Query::Fraction {
            part: selection(part),
            whole: selection(whole),
        },
    }
}

fn selection(selection: &alert::Selection) -> Selection {
    let matchers = selection.matchers.iter().map(|matcher| Matcher {
        label: matcher.label.to_owned(),
        is: match matcher.is {
            Is::In => MatchOperator::In,
            Is::Prefix => MatchOperator::Prefix,
        },
        values: owned(&matcher.values),
    });
    Selection {
        metric: selection.metric.to_owned(),
        matchers: matchers.collect(),
    }
}
