//! Duplicate names, and names that collide once a backend has mapped them.

use super::finding::{Finding, Severity, quoted};
use crate::query::datadog;
use instrumental_manifest::{Manifest, Metric, MetricKind, Place};
use std::collections::HashMap;

/// Tags that every series of a process already has in Datadog.
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
    // Methods of one type by different traits work, but their telemetry cannot be distinguished.
    findings.extend(shared.into_iter().map(|mut finding| {
        finding.severity = Severity::Warning;
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
                format!(
                    "the {what} `{name}` is already declared at {}",
                    first.source()
                ),
            )),
            None => drop(seen.insert(name, place)),
        }
    }
    findings
}

/// Returns every name of a metric on the page, in both formats.
fn in_prometheus(metric: &Metric) -> Vec<String> {
    let name = &metric.prometheus;
    match metric.kind {
        // OpenMetrics names the family without the suffix.
        MetricKind::Counter => {
            let family = name.strip_suffix("_total").unwrap_or(name);
            vec![name.clone(), family.to_owned()]
        }
        MetricKind::Gauge => vec![name.clone()],
        MetricKind::Histogram => ["", "_bucket", "_count", "_sum"]
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
        let mut reported = false;
        for name in names(metric) {
            let first = *seen.entry(name.clone()).or_insert(metric);
            // Duplicate names in the source are reported elsewhere.
            if first.name != metric.name && !reported {
                reported = true;
                findings.push(Finding::error(
                    "collision",
                    &metric.place,
                    format!(
                        "the metric `{}` is `{name}` in {backend}, like `{}` at {}",
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
    let mut report = |message: String| {
        findings.push(Finding::error("collision", &metric.place, message));
    };
    for (n, label) in metric.labels.iter().enumerate() {
        let before = &metric.labels[..n];
        let in_datadog = datadog::key(&label.name);
        for other in before {
            let both = quoted(&[&other.name, &label.name]);
            let name = &metric.name;
            if other.name == label.name {
                report(format!(
                    "the metric `{name}` has the duplicate label `{}`",
                    label.name
                ));
            } else if other.prometheus == label.prometheus {
                let key = &label.prometheus;
                report(format!(
                    "the labels {both} of `{name}` are both `{key}` in Prometheus"
                ));
            } else if datadog::key(&other.name) == in_datadog {
                report(format!(
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
                    "the label `{}` of `{}` is Datadog's own tag `{key}`, so a series has two values of it",
                    label.name, metric.name
                ),
            ));
        }
    }
    findings
}
