//! Alerts that cannot fire, and what has nobody to answer for it.

use super::finding::{Finding, quoted};
use super::runbook;
use crate::manifest::{Alert, Is, Manifest, Matcher, Metric, Severity};
use crate::query::selections;
use std::path::Path;

pub(super) fn check(manifest: &Manifest, here: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for alert in &manifest.alerts {
        findings.extend(dangling(alert, manifest));
        findings.extend(care(alert, here));
    }
    for event in manifest
        .events
        .iter()
        .filter(|event| event.owner.is_empty())
    {
        let message = format!(
            "nobody answers for the event `{}`: give it an owner, `owner = \"team\"`",
            event.name
        );
        findings.push(Finding::warning("owner", &event.place, message));
    }
    findings
}

/// What it asks for that nobody records.
fn dangling(alert: &Alert, manifest: &Manifest) -> Vec<Finding> {
    let name = &alert.name;
    let mut missing = Vec::new();
    let mut faults = Vec::new();
    // One without a name is what the program could not find, and says so in its own words.
    let named = selections(&alert.condition.query).into_iter();
    for selection in named.filter(|selection| !selection.metric.is_empty()) {
        let metric = manifest.metrics.iter().find(|m| m.name == selection.metric);
        match metric {
            None => {
                missing.push(selection.metric.as_str());
                faults.push(format!("the metric `{}`", selection.metric));
            }
            Some(metric) => faults.extend(
                selection
                    .matchers
                    .iter()
                    .filter_map(|matcher| never(matcher, metric, manifest)),
            ),
        }
    }
    faults.dedup();
    let error = |message: String| Finding::error("unresolved", &alert.place, message);
    let mut findings: Vec<_> = faults
        .iter()
        .map(|what| {
            error(format!(
                "the alert `{name}` asks for {what}, which nothing records"
            ))
        })
        .collect();
    // What was found here already is not told a second time in the program's own words.
    let told = |text: &String| missing.iter().any(|metric| text.contains(metric));
    let sentences = alert.unresolved.iter().filter(|text| !told(text));
    findings.extend(sentences.map(|text| error(format!("the alert `{name}` cannot fire: {text}"))));
    findings
}

/// What a matcher wants that is never there.
fn never(matcher: &Matcher, metric: &Metric, manifest: &Manifest) -> Option<String> {
    let Some(label) = metric
        .labels
        .iter()
        .find(|label| label.name == matcher.label)
    else {
        return Some(format!(
            "the label `{}` of `{}`",
            matcher.label, metric.name
        ));
    };
    let mut known: Vec<&str> = label.values.iter().map(String::as_str).collect();
    if known.is_empty() && metric.name.starts_with("function.") {
        let functions = manifest.functions.iter();
        known = match label.name.as_str() {
            "function" => functions.map(|function| function.name.as_str()).collect(),
            "module" => functions
                .map(|function| function.place.module.as_str())
                .collect(),
            _ => known,
        };
    }
    if known.is_empty() {
        return None;
    }
    let is_there = |value: &&String| match matcher.is {
        Is::In => known.contains(&value.as_str()),
        Is::Prefix => known.iter().any(|known| known.starts_with(value.as_str())),
        // What is never there is left out without doing anything.
        Is::NotIn => true,
    };
    let missing: Vec<_> = matcher.values.iter().filter(|v| !is_there(v)).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "{} of the label `{}` of `{}`",
            quoted(&missing),
            label.name,
            metric.name
        )
    })
}

/// What whoever is woken by it will miss.
fn care(alert: &Alert, here: &Path) -> Vec<Finding> {
    let (name, place) = (&alert.name, &alert.place);
    let mut findings = Vec::new();
    if alert.owner.is_empty() {
        let message =
            format!("nobody answers for the alert `{name}`: give it an owner, `owner = \"team\"`");
        findings.push(Finding::warning("owner", place, message));
    }
    if alert.runbook.is_empty() && alert.severity <= Severity::P2 {
        let severity = alert.severity;
        let message = format!("the {severity:?} alert `{name}` has no runbook");
        findings.push(Finding::warning("runbook", place, message));
    }
    if let Some(fault) = runbook::fault(&alert.runbook, &place.file, here) {
        let message = format!("the alert `{name}`: {fault}");
        findings.push(Finding::error("runbook", place, message));
    }
    findings
}
