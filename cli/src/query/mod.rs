//! The manifest's queries in the languages of the backends. Nothing is guessed: what the manifest does not know is a
//! failure that names it, so no rule and no panel asks for what the program never records.

pub(crate) mod datadog;
pub(crate) mod promql;
pub(crate) mod sentry;
#[cfg(test)]
pub(crate) mod tests;

use crate::error::Error;
use instrumental_manifest::{
    Label, Manifest, MatchOperator, Matcher, Metric, MetricKind, Query, Selection,
};

/// The metric of that dotted name.
pub(crate) fn metric<'m>(manifest: &'m Manifest, name: &str) -> Result<&'m Metric, Error> {
    let found = manifest.metrics.iter().find(|metric| metric.name == name);
    found.ok_or_else(|| Error::new(format!("the program records no metric `{name}`")))
}

/// A metric's label of that dotted name.
pub(crate) fn label<'m>(metric: &'m Metric, name: &str) -> Result<&'m Label, Error> {
    let found = metric.labels.iter().find(|label| label.name == name);
    found.ok_or_else(|| {
        let metric = &metric.name;
        Error::new(format!("metric `{metric}` has no label `{name}`"))
    })
}

/// All selections of a query, in order.
pub(crate) fn selections(query: &Query) -> Vec<&Selection> {
    match query {
        Query::Rate { of } | Query::Increase { of } | Query::Total { of } => of.iter().collect(),
        Query::Share { part, whole } => part.iter().chain(whole).collect(),
        Query::Quantile { of, .. } | Query::Average { of } | Query::Level { of } => vec![of],
        Query::Fraction { part, whole } => vec![part, whole],
    }
}

/// Classes of errors that are failures of ours; the others are the caller's, or expected.
const FAILURES: [&str; 3] = ["retry", "server", "fatal"];

/// Whether it takes in the errors that are failures of ours.
pub(crate) fn is_failure_class(matcher: &Matcher) -> bool {
    matcher.label == "class" && matcher.is == MatchOperator::In && matcher.values == FAILURES
}

/// Whether it takes in what went wrong, and nothing else.
pub(crate) fn is_what_failed(matcher: &Matcher) -> bool {
    let wrong = |value: &String| value == "error" || value == "panicked";
    matcher.label == "outcome"
        && matcher.is == MatchOperator::In
        && matcher.values.iter().all(wrong)
}

/// A label that is one of some values.
pub(crate) fn matcher(label: &str, values: &[&str]) -> Matcher {
    Matcher {
        label: label.into(),
        is: MatchOperator::In,
        values: values.iter().map(|&value| value.to_owned()).collect(),
    }
}

/// The part of the calls of functions that fail, for all or for those of one module.
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

/// The selection's metric, which has to be of a kind that the query can be made from.
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
        "metric `{name}` is a {is}, and the query needs {}",
        wanted.join(" or ")
    )))
}

/// Events are counted by these.
const COUNTED: &[MetricKind] = &[MetricKind::Counter, MetricKind::Histogram];
/// Values are measured by these.
const MEASURED: &[MetricKind] = &[MetricKind::Histogram];
/// Levels are told by these.
const LEVELS: &[MetricKind] = &[MetricKind::Gauge];

/// A quantile lies between 0 and 1.
fn quantile(q: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&q) {
        Ok(q)
    } else {
        Err(Error::new(format!("{q} is no quantile: 0 to 1")))
    }
}

/// A query is made from something.
fn some(selections: &[Selection]) -> Result<&[Selection], Error> {
    if selections.is_empty() {
        Err(Error::new("a query names no metric"))
    } else {
        Ok(selections)
    }
}
