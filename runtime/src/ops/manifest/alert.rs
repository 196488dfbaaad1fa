//! An alert, with the condition that its function returns.

use super::{number, place};
use crate::base::text::json::{Object, list, object};
use crate::model::alert::{AlertSpec, Compare, Condition, Expression, Is, Selection};

pub(super) fn write(out: &mut String, spec: &AlertSpec) {
    // It is the program's own code, and one that panics takes no other alert with it.
    let condition = std::panic::catch_unwind(spec.condition);
    let mut unresolved = Vec::new();
    let condition = condition.unwrap_or_else(|_| {
        unresolved.push(format!("`{}` panics", spec.name));
        crate::alerts::count(crate::alerts::all_calls()).above(0)
    });
    unresolved.extend(condition.unresolved.iter().cloned());
    object(out, |alert| {
        alert.text("name", spec.name);
        alert.text("severity", spec.severity.as_str());
        alert.text("summary", spec.summary.trim());
        alert.text("impact", spec.impact);
        alert.text("owner", spec.owner);
        alert.text("runbook", spec.runbook);
        alert.texts("notify", spec.notify);
        place(alert, spec.file, spec.line, spec.module);
        alert.object("condition", |out| self::condition(out, &condition));
        alert.texts("unresolved", &unresolved);
    });
}

fn condition(out: &mut Object<'_>, condition: &Condition) {
    out.object("query", |query| self::query(query, &condition.query));
    number(out, "window", condition.window.as_secs_f64());
    let compare = match condition.compare {
        Compare::Above => "above",
        Compare::Below => "below",
        Compare::Absent => "absent",
    };
    out.text("compare", compare);
    number(out, "threshold", condition.threshold);
    out.text("unit", condition.unit);
    number(out, "lasting", condition.lasting.as_secs_f64());
    match condition.past {
        Some(past) => number(out, "past", past.as_secs_f64()),
        None => out.null("past"),
    }
}

fn query(out: &mut Object<'_>, query: &Expression) {
    let kind = match query {
        Expression::Rate(_) => "rate",
        Expression::Increase(_) => "increase",
        Expression::Share(..) => "share",
        Expression::Quantile(..) => "quantile",
        Expression::Average(_) => "average",
        Expression::Total(_) => "total",
        Expression::Level(_) => "level",
        Expression::Fraction(..) => "fraction",
    };
    out.text("kind", kind);
    let several = |out: &mut Object<'_>, key, of: &[Selection]| list(out.key(key), of, selection);
    match query {
        Expression::Rate(of) | Expression::Increase(of) | Expression::Total(of) => {
            several(out, "of", of);
        }
        Expression::Share(part, whole) => {
            several(out, "part", part);
            several(out, "whole", whole);
        }
        Expression::Quantile(q, of) => {
            number(out, "q", *q);
            selection(out.key("of"), of);
        }
        Expression::Average(of) | Expression::Level(of) => selection(out.key("of"), of),
        Expression::Fraction(part, whole) => {
            selection(out.key("part"), part);
            selection(out.key("whole"), whole);
        }
    }
}

fn selection(out: &mut String, selection: &Selection) {
    object(out, |object| {
        object.text("metric", selection.metric);
        list(object.key("where"), &selection.matchers, |out, matcher| {
            self::object(out, |out| {
                out.text("label", matcher.label);
                let is = match matcher.is {
                    Is::In => "in",
                    Is::Prefix => "prefix",
                };
                out.text("is", is);
                out.texts("values", &matcher.values);
            });
        });
    });
}
