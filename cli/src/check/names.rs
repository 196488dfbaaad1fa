//! Names: what has one twice, and what has one with something else once a backend has mapped it.

use super::finding::{Finding, quoted};
use crate::manifest::{Kind, Manifest, Metric, Place};
use crate::query::datadog;
use std::collections::HashMap;

/// Tags that every series of the process has in Datadog already.
const UNIFIED: [&str; 4] = ["env", "host", "service", "version"];

pub(super) fn check(manifest: &Manifest) -> Vec<Finding> {
    let mut findings = duplicates(manifest);
    let metrics = &manifest.metrics;
    findings.extend(collisions(metrics, "Prometheus", in_prometheus));
    findings.extend(collisions(metrics, "Datadog", |m| vec![m.datadog.clone()]));
    findings.extend(metrics.iter().flat_map(labels));
    findings
}

fn duplicates(manifest: &Manifest) -> Vec<Finding> {
    let mut findings = Vec::new();
    let metrics = manifest.metrics.iter();
    findings.extend(twice("metric", metrics.map(|m| (m.name.clone(), &m.place))));
    let events = manifest.events.iter();
    findings.extend(twice("event", events.map(|e| (e.name.clone(), &e.place))));
    let alerts = manifest.alerts.iter();
    findings.extend(twice("alert", alerts.map(|a| (a.name.clone(), &a.place))));
    let functions = manifest.functions.iter().filter(|function| function.traced);
    let functions = functions.map(|f| (format!("{}::{}", f.place.module, f.name), &f.place));
    let shared = twice("function", functions);
    // Methods of one type by different traits: they work, but nobody can tell them apart.
    findings.extend(shared.into_iter().map(|mut finding| {
        finding.severity = super::Severity::Warning;
        finding
    }));
    findings
}

fn twice<'a>(what: &str, all: impl Iterator<Item = (String, &'a Place)>) -> Vec<Finding> {
    let mut seen: HashMap<String, &Place> = HashMap::new();
    let mut findings = Vec::new();
    for (name, place) in all {
        match seen.get(&name) {
            Some(first) => findings.push(Finding::error(
                "duplicate",
                place,
                format!("the {what} `{name}` is there already: {}", first.source()),
            )),
            None => drop(seen.insert(name, place)),
        }
    }
    findings
}

/// Every name that a metric has on the page, in both formats.
fn in_prometheus(metric: &Metric) -> Vec<String> {
    let name = &metric.prometheus;
    match metric.kind {
        // In OpenMetrics the family has its name without the suffix.
        Kind::Counter => {
            let family = name.strip_suffix("_total").unwrap_or(name);
            vec![name.clone(), family.to_owned()]
        }
        Kind::Gauge => vec![name.clone()],
        Kind::Histogram => ["", "_bucket", "_count", "_sum"]
            .map(|end| format!("{name}{end}"))
            .into(),
    }
}

fn collisions(
    metrics: &[Metric],
    backend: &str,
    names: impl Fn(&Metric) -> Vec<String>,
) -> Vec<Finding> {
    let mut seen: HashMap<String, &Metric> = HashMap::new();
    let mut findings = Vec::new();
    for metric in metrics {
        let mut told = false;
        for name in names(metric) {
            let first = *seen.entry(name.clone()).or_insert(metric);
            // One name twice in the source has been told of.
            if first.name != metric.name && !told {
                told = true;
                findings.push(Finding::error(
                    "collision",
                    &metric.place,
                    format!(
                        "the metric `{}` is `{name}` in {backend}, as `{}` is: {}",
                        metric.name,
                        first.name,
                        first.place.source()
                    ),
                ));
            }
        }
    }
    findings
}

fn labels(metric: &Metric) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut told = |message: String| {
        findings.push(Finding::error("collision", &metric.place, message));
    };
    for (n, label) in metric.labels.iter().enumerate() {
        let before = &metric.labels[..n];
        let in_datadog = datadog::key(&label.name);
        for other in before {
            let both = quoted(&[&other.name, &label.name]);
            let name = &metric.name;
            if other.name == label.name {
                told(format!(
                    "the metric `{name}` has the label `{}` twice",
                    label.name
                ));
            } else if other.prometheus == label.prometheus {
                let key = &label.prometheus;
                told(format!(
                    "the labels {both} of `{name}` are both `{key}` in Prometheus"
                ));
            } else if datadog::key(&other.name) == in_datadog {
                told(format!(
                    "the labels {both} of `{name}` are both `{in_datadog}` in Datadog"
                ));
            }
        }
    }
    for label in &metric.labels {
        let key = datadog::key(&label.name);
        if UNIFIED.contains(&key.as_str()) {
            findings.push(Finding::warning(
                "collision",
                &metric.place,
                format!(
                    "the label `{}` of `{}` is Datadog's own tag `{key}`: a series has two values of it",
                    label.name, metric.name
                ),
            ));
        }
    }
    findings
}
