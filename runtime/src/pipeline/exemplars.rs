//! Exemplars: for each bucket of a duration histogram, the last sampled span that was counted in it.

use crate::base::sync::lock;
use crate::collect::store::bucket;
use crate::model::outcome::Outcome;
use crate::model::site::{Series, Site};
use crate::model::span::Origin;
use crate::pipeline::Trace;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::SystemTime;

/// The maximum number of series with exemplars. Further series have none.
const MAX_SERIES: usize = 4096;
/// The maximum number of exemplars of a series.
const MAX_OF_SERIES: usize = 16;

/// A measured value, and the span that it was measured in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) value: f64,
    pub(crate) time: SystemTime,
}

/// The exemplars, by series and bucket.
static EXEMPLARS: Mutex<Option<HashMap<usize, HashMap<usize, Exemplar>>>> = Mutex::new(None);

/// Records the durations of the spans of a sampled trace.
pub(crate) fn record(trace: &Trace) {
    let mut all = lock(&EXEMPLARS);
    let all = all.get_or_insert_default();
    for span in &trace.spans {
        let Origin::Site(site) = span.origin else {
            continue;
        };
        let Some(series) = duration_series(site, span.outcome) else {
            continue;
        };
        let value = span.duration.as_secs_f64();
        let key = key(series);
        if all.len() >= MAX_SERIES && !all.contains_key(&key) {
            continue;
        }
        let of_series = all.entry(key).or_default();
        let bucket = bucket::of(value, series.floor);
        if of_series.len() >= MAX_OF_SERIES && !of_series.contains_key(&bucket) {
            continue;
        }
        let exemplar = Exemplar {
            trace: span.trace,
            span: span.span,
            value,
            time: span.start + span.duration,
        };
        of_series.insert(bucket, exemplar);
    }
}

/// Returns the exemplars of a series, in no particular order.
pub(crate) fn of(series: &'static Series) -> Vec<Exemplar> {
    let all = lock(&EXEMPLARS);
    let of_series = all.as_ref().and_then(|all| all.get(&key(series)));
    of_series.map_or_else(Vec::new, |found| found.values().copied().collect())
}

fn duration_series(site: &'static Site, outcome: Outcome) -> Option<&'static Series> {
    site.series.durations[outcome as usize].get().copied()
}

fn key(series: &'static Series) -> usize {
    std::ptr::from_ref(series) as usize
}
