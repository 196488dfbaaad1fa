//! Metrics that were removed, renamed, or changed their meaning.

use super::super::finding::{Finding, quoted};
use super::difference::missing;
use super::nearest;
use super::users::Users;
use instrumental_manifest::{Label, Metric};
use std::collections::BTreeSet;

/// Compares the metrics, without those that are already `reported` with their events.
pub(super) fn check(users: &Users<'_>, reported: &[String]) -> Vec<Finding> {
    let own = |metrics: &[Metric]| -> Vec<Metric> {
        let own = metrics
            .iter()
            .filter(|metric| !reported.contains(&metric.name));
        own.cloned().collect()
    };
    let (old, new) = (own(&users.old.metrics), own(&users.new.metrics));
    let same = |a: &Metric, b: &Metric| a.name == b.name;
    let (removed, added) = (missing(&old, &new, same), missing(&new, &old, same));
    let alike = |a: &&Metric, b: &&Metric| {
        (a.kind, &a.unit) == (b.kind, &b.unit) && label_names(a) == label_names(b)
    };
    let renamed = nearest::pairs(&removed, &added, |metric| &metric.name, alike);
    let mut findings = Vec::new();
    for (a, b) in &renamed {
        let (from, to) = (removed[*a], added[*b]);
        let message = format!("the metric `{}` was renamed to `{}`", from.name, to.name);
        let users = users.of_metrics(&[&from.name]);
        findings.push(Finding::error("renamed", &to.place, message).used_by(users));
    }
    for (n, metric) in removed.iter().enumerate() {
        if !renamed.iter().any(|(a, _)| *a == n) {
            let message = format!("the metric `{}` was removed", metric.name);
            let users = users.of_metrics(&[&metric.name]);
            findings.push(Finding::error("removed", &metric.place, message).used_by(users));
        }
    }
    for (n, metric) in added.iter().enumerate() {
        if !renamed.iter().any(|(_, b)| *b == n) {
            let message = format!("the metric `{}` is new", metric.name);
            findings.push(Finding::note("added", &metric.place, message));
        }
    }
    for after in &new {
        if let Some(before) = old.iter().find(|before| same(before, after)) {
            findings.extend(changed(before, after, users));
        }
    }
    findings
}

fn changed(before: &Metric, after: &Metric, users: &Users<'_>) -> Vec<Finding> {
    let name = &after.name;
    let mut findings = Vec::new();
    let mut report = |message: String| {
        let users = users.of_metrics(&[name]);
        findings.push(Finding::error("changed", &after.place, message).used_by(users));
    };
    if before.kind != after.kind {
        let (from, to) = (before.kind.as_str(), after.kind.as_str());
        report(format!("the metric `{name}` was a {from} and is a {to}"));
    }
    if before.unit != after.unit {
        let none = |unit: &str| match unit {
            "" => "none".to_owned(),
            unit => format!("`{unit}`"),
        };
        let (from, to) = (none(&before.unit), none(&after.unit));
        report(format!(
            "the unit of the metric `{name}` was {from} and is {to}"
        ));
    }
    findings.extend(labels(before, after, users));
    findings
}

fn labels(before: &Metric, after: &Metric, users: &Users<'_>) -> Vec<Finding> {
    let (name, place) = (&after.name, &after.place);
    let same = |a: &Label, b: &Label| a.name == b.name;
    let removed = missing(&before.labels, &after.labels, same);
    let added = missing(&after.labels, &before.labels, same);
    let alike = |a: &&Label, b: &&Label| a.values == b.values && a.limit == b.limit;
    let renamed = nearest::pairs(&removed, &added, |label| &label.name, alike);
    let mut findings = Vec::new();
    let mut report = |rule, message: String, users: Vec<String>| {
        findings.push(Finding::error(rule, place, message).used_by(users));
    };
    for (n, label) in removed.iter().enumerate() {
        let key = &label.name;
        let (rule, what) = match renamed.iter().find(|(a, _)| *a == n) {
            Some((_, b)) => ("renamed", format!("renamed to `{}`", added[*b].name)),
            None => ("removed", "removed".to_owned()),
        };
        let message = format!("the label `{key}` of the metric `{name}` was {what}");
        report(rule, message, users.of_label(name, key));
    }
    for (n, label) in added.iter().enumerate() {
        if !renamed.iter().any(|(_, b)| *b == n) {
            let key = &label.name;
            let message =
                format!("the metric `{name}` has a new label `{key}`, which splits each series");
            report("changed", message, users.of_metrics(&[name]));
        }
    }
    for label in &after.labels {
        if let Some(old) = before.labels.iter().find(|old| old.name == label.name) {
            findings.extend(values(old, label, after, users));
        }
    }
    findings
}

/// Compares the values of one label.
fn values(before: &Label, after: &Label, metric: &Metric, users: &Users<'_>) -> Vec<Finding> {
    let (name, key) = (&metric.name, &after.name);
    let same = |a: &String, b: &String| a == b;
    // The values are only known at run time, or were.
    if before.values.is_empty() || after.values.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let removed = missing(&before.values, &after.values, same);
    if !removed.is_empty() {
        let message = format!(
            "the label `{key}` of the metric `{name}` no longer has {}",
            quoted(&removed)
        );
        let users = users.of_label(name, key);
        findings.push(Finding::error("changed", &metric.place, message).used_by(users));
    }
    let added = missing(&after.values, &before.values, same);
    if !added.is_empty() {
        let message = format!(
            "the label `{key}` of the metric `{name}` now has {}",
            quoted(&added)
        );
        findings.push(Finding::note("added", &metric.place, message));
    }
    findings
}

/// Returns the names of a metric's labels, in any order.
fn label_names(metric: &Metric) -> BTreeSet<&str> {
    let labels = metric.labels.iter();
    labels.map(|label| label.name.as_str()).collect()
}
