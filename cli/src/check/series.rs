//! How many series there can be at worst.

use super::finding::Finding;
use crate::manifest::{Label, Manifest, Metric, Origin};
use crate::table::whole;
use serde::Serialize;

/// Series of one metric at worst.
#[derive(Debug, Serialize)]
pub(super) struct Worst<'a> {
    #[serde(rename = "metric", serialize_with = "name")]
    metric: &'a Metric,
    /// No more than its budget: what is beyond goes into one series.
    pub(super) series: usize,
    /// Combinations of its labels' values; `None`: not known beforehand.
    combinations: Option<usize>,
}

fn name<S: serde::Serializer>(metric: &&Metric, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&metric.name)
}

pub(super) fn worst(manifest: &Manifest) -> Vec<Worst<'_>> {
    let of = |metric| {
        let combinations = combinations(metric, manifest);
        let series = combinations.map_or(metric.budget, |all| all.min(metric.budget));
        Worst {
            metric,
            series,
            combinations,
        }
    };
    manifest.metrics.iter().map(of).collect()
}

fn combinations(metric: &Metric, manifest: &Manifest) -> Option<usize> {
    let functions = &manifest.functions;
    let of_functions = match metric.name.as_str() {
        "function.in_flight" => Some(functions.iter().filter(|f| f.in_flight).count()),
        "function.slow" => Some(functions.iter().filter(|f| f.slow.is_some()).count()),
        "function.errors" => Some(functions.iter().filter(|f| f.traced || f.captures).count()),
        name if name.starts_with("function.") => {
            Some(functions.iter().filter(|f| f.traced).count())
        }
        _ => None,
    };
    // A function is in one module.
    let is_of_function = |label: &&Label| matches!(label.name.as_str(), "function" | "module");
    let labels = metric
        .labels
        .iter()
        .filter(|label| of_functions.is_none() || !is_of_function(label));
    labels.map(|label| label.limit).try_fold(
        of_functions.unwrap_or(1),
        |product, limit| match limit {
            0 => None,
            limit => Some(product.saturating_mul(limit)),
        },
    )
}

pub(super) fn check(
    metrics: &[Worst<'_>],
    budget: Option<usize>,
    metric_budget: Option<usize>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for worst in metrics {
        let metric = worst.metric;
        if let Some(budget) = metric_budget.filter(|budget| worst.series > *budget) {
            let message = format!(
                "the metric `{}` can have {} series{}, and {} are allowed",
                metric.name,
                whole(worst.series as f64),
                by(metric),
                whole(budget as f64)
            );
            findings.push(Finding::error("budget", &metric.place, message));
        }
        // Labels of the library have limits that hardly any program reaches.
        let beyond = worst.combinations.filter(|all| *all > metric.budget);
        if let (Some(all), true) = (beyond, metric.origin != Origin::Library) {
            let message = format!(
                "the metric `{}` can have {} series{}, and its own budget is {}: the rest goes into one series",
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

/// Told where the largest metric is.
fn total(metrics: &[Worst<'_>], budget: Option<usize>) -> Option<Finding> {
    let all: usize = metrics.iter().map(|worst| worst.series).sum();
    let largest = metrics.iter().max_by_key(|worst| worst.series)?;
    let budget = budget.filter(|budget| all > *budget)?;
    let message = format!(
        "all metrics together can have {} series, and {} are allowed; the largest is `{}` with {}",
        whole(all as f64),
        whole(budget as f64),
        largest.metric.name,
        whole(largest.series as f64)
    );
    Some(Finding::error("budget", &largest.metric.place, message))
}
