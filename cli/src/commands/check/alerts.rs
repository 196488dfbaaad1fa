//! Alerts that cannot fire, and alerts and events without an owner.

use super::finding::{Finding, quoted};
use super::runbook;
use crate::query::selections;
use instrumental_manifest::{
    Alert, Label, Manifest, MatchOperator, Matcher, Metric, Selection, Severity,
};
use std::path::Path;

pub(super) fn check(manifest: &Manifest, folder: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for alert in &manifest.alerts {
        findings.extend(unrecorded(alert, manifest));
        findings.extend(incomplete(alert, folder));
    }
    let without_owner = manifest.events.iter();
    let without_owner = without_owner.filter(|event| event.owner.is_empty());
    findings.extend(without_owner.map(|event| {
        let name = &event.name;
        let message = format!("the event `{name}` has no owner; add `owner = \"team\"`");
        Finding::warning("owner", &event.place, message)
    }));
    findings
}

/// Reports metrics and label values of an alert that the program does not record.
fn unrecorded(alert: &Alert, manifest: &Manifest) -> Vec<Finding> {
    let name = &alert.name;
    let mut unknown_metrics = Vec::new();
    let mut faults = Vec::new();
    // The program itself reports names that it cannot resolve, and leaves them empty here.
    let selections = selections(&alert.condition.query).into_iter();
    for selection in selections.filter(|selection| !selection.metric.is_empty()) {
        let mut metrics = manifest.metrics.iter();
        match metrics.find(|metric| metric.name == selection.metric) {
            None => {
                unknown_metrics.push(selection.metric.as_str());
                faults.push(format!("the metric `{}`", selection.metric));
            }
            Some(metric) => faults.extend(unrecorded_values(selection, metric, manifest)),
        }
    }
    faults.dedup();
    let error = |message: String| Finding::error("unresolved", &alert.place, message);
    let mut findings: Vec<_> = faults
        .iter()
        .map(|what| {
            error(format!(
                "the alert `{name}` uses {what}, which is not recorded"
            ))
        })
        .collect();
    // Metrics that are reported above are not reported again in the program's words.
    let is_reported = |text: &String| unknown_metrics.iter().any(|metric| text.contains(metric));
    let sentences = alert.unresolved.iter().filter(|text| !is_reported(text));
    findings.extend(sentences.map(|text| error(format!("the alert `{name}` cannot fire: {text}"))));
    findings
}

fn unrecorded_values(selection: &Selection, metric: &Metric, manifest: &Manifest) -> Vec<String> {
    let matchers = selection.matchers.iter();
    let faults = matchers.filter_map(|matcher| unrecorded_value(matcher, metric, manifest));
    faults.collect()
}

/// Returns what a matcher requires that the program never records.
fn unrecorded_value(matcher: &Matcher, metric: &Metric, manifest: &Manifest) -> Option<String> {
    let mut labels = metric.labels.iter();
    let Some(label) = labels.find(|label| label.name == matcher.label) else {
        return Some(format!(
            "the label `{}` of `{}`",
            matcher.label, metric.name
        ));
    };
    let known = known_values(label, metric, manifest);
    if known.is_empty() {
        return None;
    }
    let is_recorded = |value: &&String| match matcher.is {
        MatchOperator::In => known.contains(&value.as_str()),
        MatchOperator::Prefix => known.iter().any(|known| known.starts_with(value.as_str())),
        // Excluding a value that is never recorded has no effect.
        MatchOperator::NotIn => true,
    };
    let missing: Vec<_> = matcher.values.iter().filter(|v| !is_recorded(v)).collect();
    (!missing.is_empty()).then(|| {
        let missing = quoted(&missing);
        format!(
            "{missing} of the label `{}` of `{}`",
            label.name, metric.name
        )
    })
}

/// Returns the values of a label; none if they are only known at run time.
fn known_values<'m>(label: &'m Label, metric: &Metric, manifest: &'m Manifest) -> Vec<&'m str> {
    let functions = manifest.functions.iter();
    match label.name.as_str() {
        _ if !label.values.is_empty() => label.values.iter().map(String::as_str).collect(),
        _ if !metric.name.starts_with("function.") => Vec::new(),
        "function" => functions.map(|one| one.name.as_str()).collect(),
        "module" => functions.map(|one| one.place.module.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// Reports what the person who responds to an alert will miss.
fn incomplete(alert: &Alert, folder: &Path) -> Vec<Finding> {
    let (name, place) = (&alert.name, &alert.place);
    let mut findings = Vec::new();
    if alert.owner.is_empty() {
        let message = format!("the alert `{name}` has no owner; add `owner = \"team\"`");
        findings.push(Finding::warning("owner", place, message));
    }
    if alert.runbook.is_empty() && alert.severity <= Severity::P2 {
        let severity = alert.severity;
        let message = format!("the {severity} alert `{name}` has no runbook");
        findings.push(Finding::warning("runbook", place, message));
    }
    if let Some(fault) = runbook::fault(&alert.runbook, &place.file, folder) {
        let message = format!("the alert `{name}`: {fault}");
        findings.push(Finding::error("runbook", place, message));
    }
    findings
}
