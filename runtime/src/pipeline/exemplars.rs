//! The last recorded call of each duration, so that a bucket of a histogram leads to a trace.

use crate::base::sync::lock;
use crate::collect::store::bucket;
use crate::model::outcome::Outcome;
use crate::model::site::{Series, Site};
use crate::model::span::Origin;
use crate::pipeline::Trace;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::SystemTime;

/// Series with exemplars; the rest has none.
const MAX_SERIES: usize = 4096;
/// Exemplars of a series.
const MAX_OF_SERIES: usize = 16;

/// A value and the span it was measured in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) value: f64,
    pub(crate) time: SystemTime,
}

static LAST: Mutex<Option<HashMap<usize, HashMap<usize, Exemplar>>>> = Mutex::new(None);

/// Notes the durations of a trace that is kept.
pub(crate) fn note(trace: &Trace) {
    let mut last = lock(&LAST);
    let last = last.get_or_insert_default();
    for span in &trace.spans {
        let Origin::Site(site) = span.origin else {
            continue;
        };
        let Some(series) = duration_of(site, span.outcome) else {
            continue;
        };
        let value = span.duration.as_secs_f64();
        let key = key(series);
        if last.len() >= MAX_SERIES && !last.contains_key(&key) {
            continue;
        }
        let of_series = last.entry(key).or_default();
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

/// The exemplars of a series, in no particular order.
pub(crate) fn of(series: &'static Series) -> Vec<Exemplar> {
    let last = lock(&LAST);
    let of_series = last.as_ref().and_then(|last| last.get(&key(series)));
    of_series.map_or_else(Vec::new, |found| found.values().copied().collect())
}

fn duration_of(site: &'static Site, outcome: Outcome) -> Option<&'static Series> {
    site.series.durations[outcome as usize].get().copied()
}

fn key(series: &'static Series) -> usize {
    std::ptr::from_ref(series) as usize
}
