//! Functions that were removed or renamed, and objectives that are weaker.

use super::super::finding::{Finding, Severity};
use super::difference::missing;
use super::nearest;
use super::users::Users;
use crate::describe::duration;
use instrumental_manifest::{Function, Objective};

pub(super) fn check(users: &Users<'_>) -> Vec<Finding> {
    let (old, new) = (&users.old.functions, &users.new.functions);
    let same = |a: &Function, b: &Function| a.name == b.name && a.place.module == b.place.module;
    let (removed, added) = (missing(old, new, same), missing(new, old, same));
    let renamed = renamed(&removed, &added);
    let mut findings = Vec::new();
    for (n, function) in removed.iter().enumerate() {
        let pair = renamed.iter().find(|(a, _)| *a == n);
        findings.push(gone(function, pair.map(|(_, b)| added[*b]), users));
    }
    for (n, function) in added.iter().enumerate() {
        if !renamed.iter().any(|(_, b)| *b == n) {
            let message = format!("the function `{}` is new", function.name);
            findings.push(Finding::note("added", &function.place, message));
        }
    }
    for after in new {
        if let Some(before) = old.iter().find(|before| same(before, after)) {
            findings.extend(reports(before, after, users));
            findings.extend(objective(before, after));
        }
    }
    for (a, b) in &renamed {
        findings.extend(objective(removed[*a], added[*b]));
    }
    findings
}

/// Returns pairs of functions that moved to another module, or were renamed within their module.
fn renamed(removed: &[&Function], added: &[&Function]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (a, old) in removed.iter().enumerate() {
        let moved = added.iter().enumerate();
        let moved: Vec<_> = moved
            .filter(|(b, new)| new.name == old.name && pairs.iter().all(|(_, y)| y != b))
            .map(|(b, _)| b)
            .collect();
        if let [b] = moved[..] {
            pairs.push((a, b));
        }
    }
    let same_place =
        |a: &&Function, b: &&Function| a.place.module == b.place.module && a.kind == b.kind;
    for (a, b) in nearest::pairs(removed, added, |function| &function.name, same_place) {
        if pairs.iter().all(|(x, y)| *x != a && *y != b) {
            pairs.push((a, b));
        }
    }
    pairs
}

fn gone(function: &Function, to: Option<&Function>, users: &Users<'_>) -> Finding {
    let (name, module) = (&function.name, &function.place.module);
    // A function without metrics is in no query.
    let severity = match function.traced {
        true => Severity::Error,
        false => Severity::Warning,
    };
    let finding = match to {
        Some(to) if to.name == *name => {
            let message = format!(
                "the function `{name}` moved from `{module}` to `{}`",
                to.place.module
            );
            Finding::new(severity, "renamed", &to.place, message)
        }
        Some(to) => {
            let message = format!("the function `{name}` was renamed to `{}`", to.name);
            Finding::new(severity, "renamed", &to.place, message)
        }
        None => {
            let message = format!("the function `{name}` of `{module}` was removed");
            Finding::new(severity, "removed", &function.place, message)
        }
    };
    finding.used_by(users.of_function(function))
}

/// Reports what a function no longer records.
fn reports(before: &Function, after: &Function, users: &Users<'_>) -> Vec<Finding> {
    let name = &after.name;
    let lost = [
        (
            before.traced && !after.traced,
            "no longer has spans and metrics",
        ),
        (
            before.captures && !after.captures,
            "no longer reports its errors",
        ),
        (
            before.in_flight && !after.in_flight,
            "no longer counts its running calls",
        ),
        (
            before.slow.is_some() && after.slow.is_none(),
            "no longer counts its slow calls",
        ),
    ];
    let lost = lost.iter().filter(|(is_lost, _)| *is_lost);
    let findings = lost.map(|(_, what)| {
        let message = format!("the function `{name}` {what}");
        Finding::error("changed", &after.place, message).used_by(users.of_function(after))
    });
    findings.collect()
}

fn objective(before: &Function, after: &Function) -> Vec<Finding> {
    let (name, place) = (&after.name, &after.place);
    let weaker = |what: String| {
        let message = format!("the objective of `{name}` is weaker: {what}");
        Finding::error("weakened", place, message)
    };
    match (&before.objective, &after.objective) {
        (Some(_), None) => vec![weaker("it was removed".into())],
        (None, Some(_)) => {
            vec![Finding::note(
                "added",
                place,
                format!("`{name}` has a new objective"),
            )]
        }
        (Some(old), Some(new)) => weakened(old, new).into_iter().map(weaker).collect(),
        (None, None) => Vec::new(),
    }
}

fn weakened(old: &Objective, new: &Objective) -> Vec<String> {
    let mut weaker = Vec::new();
    if new.success_percent < old.success_percent {
        let (from, to) = (old.success_percent, new.success_percent);
        weaker.push(format!("{to}% of its calls succeed, was {from}%"));
    }
    if old.latency > 0.0 && new.latency == 0.0 {
        weaker.push("the limit of the latency was removed".into());
    } else if new.latency > old.latency && old.latency > 0.0 {
        let (from, to) = (duration(old.latency), duration(new.latency));
        weaker.push(format!("calls take up to {to}, was {from}"));
    }
    if new.latency > 0.0 && new.latency_percent < old.latency_percent {
        let (from, to) = (old.latency_percent, new.latency_percent);
        weaker.push(format!("{to}% of its calls are in time, was {from}%"));
    }
    weaker
}
