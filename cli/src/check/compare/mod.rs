//! What a change breaks for those who rely on a stored manifest: dashboards, alerts, queries, objectives.

mod alerts;
mod events;
mod functions;
mod metrics;
mod nearest;

use super::finding::Finding;
use crate::manifest::{Function, Manifest, Metric};
use crate::query::selections;
use std::collections::BTreeSet;

pub(super) fn check(old: &Manifest, new: &Manifest) -> Vec<Finding> {
    let users = Users { old, new };
    let (mut findings, told) = events::check(&users);
    findings.extend(metrics::check(&users, &told));
    findings.extend(functions::check(&users));
    findings.extend(alerts::check(old, new));
    findings
}

/// Whoever asks for what changed.
struct Users<'a> {
    old: &'a Manifest,
    new: &'a Manifest,
}

impl Users<'_> {
    /// Alerts of both manifests, as an alert that went does not work with what is there now either.
    fn alerts(&self, asks: impl Fn(&str, &[(&str, &[String])]) -> bool) -> Vec<String> {
        let alerts = self.old.alerts.iter().chain(&self.new.alerts);
        let asking = alerts.filter(|alert| {
            selections(&alert.condition.query).iter().any(|selection| {
                let matchers = selection.matchers.iter();
                let matchers: Vec<_> = matchers
                    .map(|m| (m.label.as_str(), m.values.as_slice()))
                    .collect();
                asks(&selection.metric, &matchers)
            })
        });
        let names: BTreeSet<_> = asking.map(|alert| alert.name.clone()).collect();
        names.into_iter().collect()
    }

    fn of_metrics(&self, metrics: &[&str]) -> Vec<String> {
        self.alerts(|metric, _| metrics.contains(&metric))
    }

    fn of_label(&self, metric: &str, label: &str) -> Vec<String> {
        self.alerts(|name, matchers| {
            name == metric && matchers.iter().any(|(key, _)| *key == label)
        })
    }

    fn of_function(&self, function: &Function) -> Vec<String> {
        self.alerts(|metric, matchers| {
            let of = |key: &str, value: &String| {
                let mut of_key = matchers.iter().filter(|(label, _)| *label == key);
                of_key.all(|(_, values)| values.contains(value))
            };
            metric.starts_with("function.")
                && matchers.iter().any(|(label, _)| *label == "function")
                && of("function", &function.name)
                && of("module", &function.place.module)
        })
    }
}

/// What is only in `these`.
fn missing<'a, T>(these: &'a [T], others: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<&'a T> {
    let is_missing = |item: &&T| !others.iter().any(|other| same(item, other));
    these.iter().filter(is_missing).collect()
}

/// Names of a metric's labels, in any order.
fn label_names(metric: &Metric) -> BTreeSet<&str> {
    metric
        .labels
        .iter()
        .map(|label| label.name.as_str())
        .collect()
}
