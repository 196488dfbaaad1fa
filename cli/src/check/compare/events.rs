//! Business events that went, were renamed, or say less.

use super::super::finding::{Finding, quoted};
use super::{Users, missing, nearest};
use crate::manifest::Event;

/// With the metrics of those that were told of.
pub(super) fn check(users: &Users<'_>) -> (Vec<Finding>, Vec<String>) {
    let (old, new) = (&users.old.events, &users.new.events);
    let same = |a: &Event, b: &Event| a.name == b.name;
    let (gone, come) = (missing(old, new, same), missing(new, old, same));
    let measures = |event: &Event| event.measures.len();
    let alike = |a: &&Event, b: &&Event| a.fields == b.fields && measures(a) == measures(b);
    let renamed = nearest::pairs(&gone, &come, |event| &event.name, alike);
    let mut findings = Vec::new();
    let mut told = Vec::new();
    for (n, event) in gone.iter().enumerate() {
        let pair = renamed.iter().find(|(a, _)| *a == n);
        let finding = match pair.map(|(_, b)| come[*b]) {
            Some(to) => {
                told.extend(metrics(to));
                let message = format!("the event `{}` was renamed to `{}`", event.name, to.name);
                Finding::error("renamed", &to.place, message)
            }
            None => {
                let message = format!("the event `{}` was removed", event.name);
                Finding::error("removed", &event.place, message)
            }
        };
        let metrics = metrics(event);
        let names: Vec<_> = metrics.iter().map(String::as_str).collect();
        findings.push(finding.used_by(users.of_metrics(&names)));
        told.extend(metrics);
    }
    for (n, event) in come.iter().enumerate() {
        if !renamed.iter().any(|(_, b)| *b == n) {
            let message = format!("the event `{}` is new", event.name);
            findings.push(Finding::note("added", &event.place, message));
            told.extend(metrics(event));
        }
    }
    for after in new {
        if let Some(before) = old.iter().find(|before| same(before, after)) {
            findings.extend(fields(before, after));
        }
    }
    (findings, told)
}

/// Its counter and the histograms of its measures.
fn metrics(event: &Event) -> Vec<String> {
    let name = std::iter::once(&event.name);
    name.chain(&event.measures).cloned().collect()
}

fn fields(before: &Event, after: &Event) -> Vec<Finding> {
    let same = |a: &String, b: &String| a == b;
    let mut findings = Vec::new();
    let gone = missing(&before.fields, &after.fields, same);
    if !gone.is_empty() {
        let message = format!("the event `{}` no longer has {}", after.name, quoted(&gone));
        findings.push(Finding::error("changed", &after.place, message));
    }
    let come = missing(&after.fields, &before.fields, same);
    if !come.is_empty() {
        let message = format!("the event `{}` has {} now", after.name, quoted(&come));
        findings.push(Finding::note("added", &after.place, message));
    }
    findings
}
