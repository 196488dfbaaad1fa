//! The alerts that use a metric, a label or a function.

use crate::query::selections;
use instrumental_manifest::{Function, Manifest};
use std::collections::BTreeSet;

/// The alerts of both manifests: a removed alert is most likely still deployed.
pub(super) struct Users<'a> {
    pub(super) old: &'a Manifest,
    pub(super) new: &'a Manifest,
}

impl Users<'_> {
    /// Returns the names of the alerts with a selection that `uses` accepts by its metric and matchers.
    fn alerts(&self, uses: impl Fn(&str, &[(&str, &[String])]) -> bool) -> Vec<String> {
        let alerts = self.old.alerts.iter().chain(&self.new.alerts);
        let using = alerts.filter(|alert| {
            selections(&alert.condition.query).iter().any(|selection| {
                let matchers = selection.matchers.iter();
                let matchers: Vec<_> = matchers
                    .map(|m| (m.label.as_str(), m.values.as_slice()))
                    .collect();
                uses(&selection.metric, &matchers)
            })
        });
        let names: BTreeSet<_> = using.map(|alert| alert.name.clone()).collect();
        names.into_iter().collect()
    }

    pub(super) fn of_metrics(&self, metrics: &[&str]) -> Vec<String> {
        self.alerts(|metric, _| metrics.contains(&metric))
    }

    pub(super) fn of_label(&self, metric: &str, label: &str) -> Vec<String> {
        self.alerts(|name, matchers| {
            name == metric && matchers.iter().any(|(key, _)| *key == label)
        })
    }

    pub(super) fn of_function(&self, function: &Function) -> Vec<String> {
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
