//! Business events that were removed, renamed, or lost fields.

use super::super::finding::{Finding, quoted};
use super::difference::missing;
use super::nearest;
use super::users::Users;
use instrumental_manifest::Event;

/// Returns the findings, and the metrics of the events that they are about.
pub(super) fn check(users: &Users<'_>) -> (Vec<Finding>, Vec<String>) {
    let (old, new) = (&users.old.events, &users.new.events);
    let same = |a: &Event, b: &Event| a.name == b.name;
    let (removed, added) = (missing(old, new, same), missing(new, old, same));
    let measures = |event: &Event| event.measures.len();
    let alike = |a: &&Event, b: &&Event| a.fields == b.fields && measures(a) == measures(b);
    let renamed = nearest::pairs(&removed, &added, |event| &event.name, alike);
    let mut findings = Vec::new();
    let mut reported = Vec::new();
    for (n, event) in removed.iter().enumerate() {
        let pair = renamed.iter().find(|(a, _)| *a == n);
        let finding = match pair.map(|(_, b)| added[*b]) {
            Some(to) => {
                reported.extend(metrics(to));
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
        reported.extend(metrics);
    }
    for (n, event) in added.iter().enumerate() {
        if !renamed.iter().any(|(_, b)| *b == n) {
            let message = format!("the event `{}` is new", event.name);
            findings.push(Finding::note("added", &event.place, message));
            reported.extend(metrics(event));
        }
    }
    for after in new {
        if let Some(before) = old.iter().find(|before| same(before, after)) {
            findings.extend(fields(before, after));
        }
    }
    (findings, reported)
}

/// Returns the names of the event's counter and of the histograms of its measures.
fn metrics(event: &Event) -> Vec<String> {
    let name = std::iter::once(&event.name);
    name.chain(&event.measures).cloned().collect()
}

fn fields(before: &Event, after: &Event) -> Vec<Finding> {
    let same = |a: &String, b: &String| a == b;
    let mut findings = Vec::new();
    let removed = missing(&before.fields, &after.fields, same);
    if !removed.is_empty() {
        let message = format!(
            "the event `{}` no longer has {}",
            after.name,
            quoted(&removed)
        );
        findings.push(Finding::error("changed", &after.place, message));
    }
    let added = missing(&after.fields, &before.fields, same);
    if !added.is_empty() {
        let message = format!("the event `{}` now has {}", after.name, quoted(&added));
        findings.push(Finding::note("added", &after.place, message));
    }
    findings
}
