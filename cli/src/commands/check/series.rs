//! The maximum number of series.

use super::finding::Finding;
use crate::text::whole;
use instrumental_manifest::{Function, Label, Manifest, Metric, Origin};
use serde::Serialize;

/// The maximum number of series of one metric.
#[derive(Debug, Serialize)]
pub(super) struct MetricSeries<'a> {
    #[serde(rename = "metric", serialize_with = "name")]
    metric: &'a Metric,
    /// At most the budget, as the runtime collects the rest in one series.
    pub(super) series: u64,
    /// The number of combinations of its labels' values; `None` if it is only known at run time.
    combinations: Option<u64>,
}

fn name<S: serde::Serializer>(metric: &&Metric, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&metric.name)
}

pub(super) fn of(manifest: &Manifest) -> Vec<MetricSeries<'_>> {
    let of = |metric| {
        let combinations = combinations(metric, manifest);
        let series = combinations.map_or(metric.budget, |all| all.min(metric.budget));
        MetricSeries {
            metric,
            series,
            combinations,
        }
    };
    manifest.metrics.iter().map(of).collect()
}

fn combinations(metric: &Metric, manifest: &Manifest) -> Option<u64> {
    let count = |is_recorded: fn(&Function) -> bool| {
        let functions = manifest.functions.iter().filter(|one| is_recorded(one));
        Some(functions.count() as u64)
    };
    let functions = match metric.name.as_str() {
        "function.in_flight" => count(|function| function.in_flight),
        "function.slow" => count(|function| function.slow.is_some()),
        "function.errors" => count(|function| function.traced || function.captures),
        name if name.starts_with("function.") => count(|function| function.traced),
        _ => None,
    };
    // A function is in exactly one module.
    let is_of_function = |label: &&Label| matches!(label.name.as_str(), "function" | "module");
    let labels = metric.labels.iter();
    let mut labels = labels.filter(|label| functions.is_none() || !is_of_function(label));
    labels.try_fold(functions.unwrap_or(1), |product, label| match label.limit {
        0 => None,
        limit => Some(product.saturating_mul(limit)),
    })
}

pub(super) fn check(
    metrics: &[MetricSeries<'_>],
    budget: Option<u64>,
    metric_budget: Option<u64>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for worst in metrics {
        let metric = worst.metric;
        if let Some(budget) = metric_budget.filter(|budget| worst.series > *budget) {
            let message = format!(
                "the metric `{}` can have {} series{}, but only {} are allowed",
                metric.name,
                whole(worst.series as f64),
                by(metric),
                whole(budget as f64)
            );
            findings.push(Finding::error("budget", &metric.place, message));
        }
        // The limits of the library's labels are generous; few programs reach them.
        let beyond = worst.combinations.filter(|all| *all > metric.budget);
        if let (Some(all), true) = (beyond, metric.origin != Origin::Library) {
            let message = format!(
                "the metric `{}` can have {} series{}, but its own budget is {}; the rest share one series",
                metric.name,
                whole(all as f64),
                by(metric),
                whole(metric.budget as f64)
            );
            findings.push(Finding::warning("budget", &metric.place, message));
        }
    }
    findings.extend(total(metrics, budget));
    findings
}

/// ` (trade 3 × region 12)`.
fn by(metric: &Metric) -> String {
    let labels = metric.labels.iter().map(|label| match label.limit {
        0 => format!("{} ?", label.name),
        limit => format!("{} {}", label.name, whole(limit as f64)),
    });
    let labels: Vec<_> = labels.collect();
    match labels.is_empty() {
        true => String::new(),
        false => format!(" ({})", labels.join(" × ")),
    }
}

/// Reports the total at the place of the largest metric.
fn total(metrics: &[MetricSeries<'_>], budget: Option<u64>) -> Option<Finding> {
    let all: u64 = metrics.iter().map(|worst| worst.series).sum();
    let largest = metrics.iter().max_by_key(|worst| worst.series)?;
    let budget = budget.filter(|budget| all > *budget)?;
    let message = format!(
        "all metrics together can have {} series, but only {} are allowed; the largest is `{}` with {}",
        whole(all as f64),
        whole(budget as f64),
        largest.metric.name,
        whole(largest.series as f64)
    );
    Some(Finding::error("budget", &largest.metric.place, message))
}
