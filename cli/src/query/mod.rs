//! The manifest's queries in the languages of the backends. A metric or label that is not in the manifest is an error, so
//! rules and dashboards never query what the program does not record.

pub(crate) mod datadog;
pub(crate) mod promql;
pub(crate) mod sentry;
#[cfg(test)]
pub(crate) mod tests;

use crate::error::Error;
use instrumental_manifest::{
    Label, Manifest, MatchOperator, Matcher, Metric, MetricKind, Query, Selection,
};

/// Returns the metric with a dotted name.
pub(crate) fn metric<'m>(manifest: &'m Manifest, name: &str) -> Result<&'m Metric, Error> {
    let found = manifest.metrics.iter().find(|metric| metric.name == name);
    found.ok_or_else(|| Error::new(format!("the program records no metric `{name}`")))
}

/// Returns the label of a metric with a dotted name.
pub(crate) fn label<'m>(metric: &'m Metric, name: &str) -> Result<&'m Label, Error> {
    let found = metric.labels.iter().find(|label| label.name == name);
    found.ok_or_else(|| {
        let metric = &metric.name;
        Error::new(format!("metric `{metric}` has no label `{name}`"))
    })
}

/// Returns all selections of a query, in order.
pub(crate) fn selections(query: &Query) -> Vec<&Selection> {
    match query {
        Query::Rate { of } | Query::Increase { of } | Query::Total { of } => of.iter().collect(),
        Query::Share { part, whole } => part.iter().chain(whole).collect(),
        Query::Quantile { of, .. } | Query::Average { of } | Query::Level { of } => vec![of],
        Query::Fraction { part, whole } => vec![part, whole],
    }
}

/// Classes of errors that are failures of the service; the others are expected or caused by the client.
const FAILURES: [&str; 3] = ["retry", "server", "fatal"];

/// Whether a matcher selects the errors that are failures of the service.
pub(crate) fn selects_failures(matcher: &Matcher) -> bool {
    matcher.label == "class" && matcher.is == MatchOperator::In && matcher.values == FAILURES
}

/// Whether a matcher selects failed and panicked calls, and no others.
pub(crate) fn selects_failed_calls(matcher: &Matcher) -> bool {
    let wrong = |value: &String| value == "error" || value == "panicked";
    matcher.label == "outcome"
        && matcher.is == MatchOperator::In
        && matcher.values.iter().all(wrong)
}

/// Returns a matcher for values of a label.
pub(crate) fn matcher(label: &str, values: &[&str]) -> Matcher {
    Matcher {
        label: label.into(),
        is: MatchOperator::In,
        values: values.iter().map(|&value| value.to_owned()).collect(),
    }
}

/// Returns the ratio of the calls of functions that fail, in all modules or in one.
pub(crate) fn failing(functions: &[&str], module: Option<&str>) -> Query {
    let named = |metric: &str| {
        let mut matchers = vec![matcher("function", functions)];
        matchers.extend(module.map(|module| matcher("module", &[module])));
        Selection {
            metric: metric.into(),
            matchers,
        }
    };
    let mut part = named("function.errors");
    part.matchers.push(matcher("class", &FAILURES));
    Query::Share {
        part: vec![part],
        whole: vec![named("function.duration")],
    }
}

/// Returns the metric of a selection, or an error if it does not have one of the kinds.
fn of_kind<'m>(
    manifest: &'m Manifest,
    selection: &Selection,
    kinds: &[MetricKind],
) -> Result<&'m Metric, Error> {
    let metric = metric(manifest, &selection.metric)?;
    if kinds.contains(&metric.kind) {
        return Ok(metric);
    }
    let (name, is) = (&metric.name, metric.kind.as_str());
    let wanted: Vec<_> = kinds
        .iter()
        .map(|kind| format!("a {}", kind.as_str()))
        .collect();
    Err(Error::new(format!(
        "metric `{name}` is a {is}, but the query requires {}",
        wanted.join(" or ")
    )))
}

/// Metrics that count events.
const COUNTED: &[MetricKind] = &[MetricKind::Counter, MetricKind::Histogram];
/// Metrics that measure values.
const MEASURED: &[MetricKind] = &[MetricKind::Histogram];
/// Metrics with a current value.
const LEVELS: &[MetricKind] = &[MetricKind::Gauge];

/// Checks that a quantile is between 0 and 1.
fn quantile(q: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&q) {
        Ok(q)
    } else {
        Err(Error::new(format!(
            "{q} is not a quantile; use a number from 0 to 1"
        )))
    }
}

/// Checks that there are selections.
fn some(selections: &[Selection]) -> Result<&[Selection], Error> {
    if selections.is_empty() {
        Err(Error::new("a query has no metric"))
    } else {
        Ok(selections)
    }
}
