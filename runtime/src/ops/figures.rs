//! The figures of the summary, computed from samples of the metrics.

use super::numbers::{amount, whole};
use crate::collect::registry;
use crate::collect::store::snapshot::{Distribution, Sample, Value};
use crate::model::outcome::Outcome;
use crate::model::site::{Family, Owner};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The calls of one annotated function.
#[derive(Debug, Default)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) module: &'static str,
    /// Calls by outcome, in the order of [`Outcome::ALL`].
    pub(super) outcomes: [u64; 4],
    /// The 50th, 95th and 99th percentile of the duration, in seconds.
    pub(super) quantiles: [f64; 3],
    /// The sum of all durations, in seconds.
    pub(super) total: f64,
}

impl Function {
    pub(super) fn calls(&self) -> u64 {
        self.outcomes.iter().sum()
    }
}

/// The number of errors of one kind that one function returned.
#[derive(Debug)]
pub(super) struct ErrorCount {
    pub(super) function: &'static str,
    pub(super) module: &'static str,
    pub(super) error: String,
    pub(super) count: u64,
}

/// The occurrences of one business event.
#[derive(Debug, PartialEq)]
pub(super) struct EventTotals {
    pub(super) name: &'static str,
    pub(super) count: u64,
    /// The sums of its measures, with their names and units.
    pub(super) sums: Vec<(&'static str, f64, &'static str)>,
}

/// Everything the summary shows.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Sorted by total duration, longest first.
    pub(super) functions: Vec<Function>,
    /// Sorted by frequency, highest first.
    pub(super) errors: Vec<ErrorCount>,
    pub(super) events: Vec<EventTotals>,
    /// Names with labels, and formatted values.
    pub(super) metrics: Vec<(String, String)>,
    /// The number of dropped records by reason.
    pub(super) dropped: Vec<(&'static str, u64)>,
}

impl Figures {
    pub(super) fn of(samples: &[Sample]) -> Self {
        let events = Events::of(samples);
        let mut figures = Self {
            functions: functions(samples),
            dropped: crate::base::drop_counts::lost()
                .into_iter()
                .map(|(reason, count)| (reason.as_str(), count))
                .collect(),
            ..Self::default()
        };
        for sample in samples {
            match (&sample.series.owner, &sample.value) {
                (Owner::Duration(..), _) => {}
                (Owner::Errors(site, error), Value::Counter(count)) => {
                    figures.errors.push(ErrorCount {
                        function: site.function(),
                        module: site.spec().module,
                        error: error.0.to_owned(),
                        count: *count,
                    })
                }
                (Owner::Family(family, _), _) if events.has(family) => {}
                (_, Value::Counter(0)) => {}
                // Sizes of bodies are left to dashboards.
                _ if sample.name().ends_with(".body.size") => {}
                _ => figures.metrics.push(metric(sample)),
            }
        }
        figures.errors.retain(|failed| failed.count > 0);
        figures
            .errors
            .sort_by_key(|failed| (Reverse(failed.count), failed.function, failed.module));
        figures.metrics.sort();
        figures.events = events.totals;
        figures
    }
}

/// Merges the durations of each function over its outcomes.
fn functions(samples: &[Sample]) -> Vec<Function> {
    let mut all: BTreeMap<(&str, &str), (Function, Option<Distribution>)> = BTreeMap::new();
    for sample in samples {
        let (Owner::Duration(site, outcome), Value::Histogram(values)) =
            (&sample.series.owner, &sample.value)
        else {
            continue;
        };
        let (name, module) = (site.function(), site.spec().module);
        let (function, merged) = all.entry((name, module)).or_default();
        (function.name, function.module) = (name, module);
        function.outcomes[*outcome as usize] += values.count();
        function.total += values.sum;
        match merged {
            Some(merged) => merged.merge(values),
            None => *merged = Some(values.clone()),
        }
    }
    let mut functions: Vec<_> = all
        .into_values()
        .map(|(mut function, merged)| {
            let quantile = |q| merged.as_ref().and_then(|values| values.quantile(q));
            function.quantiles = [0.5, 0.95, 0.99].map(|q| quantile(q).unwrap_or(0.0));
            function
        })
        .filter(|function| function.calls() > 0)
        .collect();
    functions.sort_by(|a, b| b.total.total_cmp(&a.total).then(a.name.cmp(b.name)));
    functions
}

/// The business events, and the families that belong to them.
struct Events {
    totals: Vec<EventTotals>,
    families: Vec<&'static Family>,
}

impl Events {
    fn of(samples: &[Sample]) -> Self {
        let mut sites: Vec<_> = registry::events().collect();
        sites.sort_by_key(|site| site.spec().name);
        let mut families = Vec::new();
        let mut totals: Vec<EventTotals> = Vec::new();
        for site in sites {
            families.push(site.counter());
            families.extend(site.measures());
            let (count, _) = sum(samples, site.counter());
            let mut sums = Vec::new();
            for family in site.measures() {
                let prefix = site.spec().name.len() + 1;
                let name = family.spec().name.get(prefix..).unwrap_or_default();
                sums.push((name, sum(samples, family).1, family.spec().unit));
            }
            if count > 0 {
                totals.push(EventTotals {
                    name: site.spec().name,
                    count,
                    sums,
                });
            }
        }
        Self { totals, families }
    }

    fn has(&self, family: &'static Family) -> bool {
        self.families
            .iter()
            .any(|known| std::ptr::eq(*known, family))
    }
}

/// Returns the count of a counter and the sum of a histogram, over all series of a metric.
fn sum(samples: &[Sample], family: &Family) -> (u64, f64) {
    let (mut total_count, mut total) = (0_u64, 0.0);
    for sample in samples {
        match (&sample.series.owner, &sample.value) {
            (Owner::Family(of, _), _) if !std::ptr::eq(*of, family) => {}
            (Owner::Family(..), Value::Counter(count)) => total_count += count,
            (Owner::Family(..), Value::Histogram(values)) => total += values.sum,
            _ => {}
        }
    }
    (total_count, total)
}

/// Formats a series and its value.
fn metric(sample: &Sample) -> (String, String) {
    let mut name = sample.name().to_owned();
    for (n, (key, value)) in sample.labels().into_iter().enumerate() {
        if key == "module" {
            continue;
        }
        name.push(if n == 0 { '{' } else { ',' });
        name.push_str(key);
        name.push('=');
        crate::base::text::escape::word(&mut name, value);
    }
    if name.len() > sample.name().len() {
        name.push('}');
    }
    let unit = sample.unit();
    let value = match &sample.value {
        Value::Counter(count) => whole(*count),
        Value::Gauge(level) => amount(*level, unit),
        Value::Histogram(values) => {
            let quantile = |q| amount(values.quantile(q).unwrap_or(0.0), unit);
            format!(
                "count {}, sum {}, p50 {}, p95 {}, p99 {}",
                whole(values.count()),
                amount(values.sum, unit),
                quantile(0.5),
                quantile(0.95),
                quantile(0.99)
            )
        }
    };
    (name, value)
}

/// Returns the percentage of calls that returned an error.
pub(super) fn error_percent(function: &Function) -> f64 {
    let failed = function.outcomes[Outcome::Error as usize];
    failed as f64 * 100.0 / function.calls().max(1) as f64
}
