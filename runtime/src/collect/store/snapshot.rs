//! Snapshots of the store.

use super::bucket::{BUCKETS, quantile, upper};
use super::shard;
use crate::model::family::MetricKind;
use crate::model::site::{Owner, Series};
use std::sync::atomic::Ordering::Relaxed;

/// The value of a series.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A counter's count.
    Counter(u64),
    /// A gauge's value.
    Gauge(f64),
    /// A distribution.
    Histogram(Distribution),
}

/// The distribution of a histogram's values. See [`samples`](crate::samples) for an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Sum of the values.
    pub sum: f64,
    pub(crate) buckets: Box<[u64]>,
    pub(crate) floor: i16,
}

impl Distribution {
    pub(crate) fn empty(floor: i16) -> Self {
        Self {
            sum: 0.0,
            buckets: vec![0; BUCKETS].into(),
            floor,
        }
    }

    /// Returns the number of values.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// Returns the upper bound and the number of values of each bucket that is not empty.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let floor = self.floor;
        let buckets = self.buckets.iter().enumerate();
        let counted = buckets.filter(|(_, count)| **count > 0);
        counted.map(move |(bucket, count)| (upper(bucket, floor), *count))
    }

    /// Returns the quantile `q`, from 0 to 1, with an error of a few percent, and at most 19%. Returns `None` without values.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        quantile(&self.buckets, self.floor, q)
    }

    /// Returns the values recorded since `then`, an earlier snapshot.
    pub(crate) fn since(&self, then: &Self) -> Self {
        let pairs = self.buckets.iter().zip(&then.buckets);
        Self {
            sum: self.sum - then.sum,
            buckets: pairs.map(|(now, then)| now.saturating_sub(*then)).collect(),
            floor: self.floor,
        }
    }

    /// Adds another distribution of the same unit.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        for (mine, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += more;
        }
    }
}

/// A series with its value at the time of the snapshot. See [`samples`](crate::samples) for an example.
#[derive(Clone, Debug)]
pub struct Sample {
    pub(crate) series: &'static Series,
    /// The value.
    pub value: Value,
}

impl Sample {
    /// Returns the metric's dotted name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.series.name()
    }

    /// Returns the metric's kind.
    #[must_use]
    pub fn kind(&self) -> MetricKind {
        self.series.kind
    }

    /// Returns the UCUM code of the metric's unit.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        self.series.unit()
    }

    /// Returns the labels, as keys and values.
    #[must_use]
    pub fn labels(&self) -> Vec<(&'static str, &str)> {
        self.series.labels()
    }

    /// Returns the value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        let find = |(known, value)| (known == key).then_some(value);
        self.labels().into_iter().find_map(find)
    }
}

/// Reads every series of the store. Counts are exact; values recorded during the read may or may not be included.
pub(crate) fn samples() -> Vec<Sample> {
    let all = super::series::all().into_iter();
    all.map(|series| Sample {
        series,
        value: read(series),
    })
    .collect()
}

fn read(series: &'static Series) -> Value {
    match series.kind {
        MetricKind::Counter => {
            let mut count = 0_u64;
            shard::for_each(series.slot, |cells| {
                count = count.wrapping_add(cells[0].load(Relaxed));
            });
            match series.owner {
                // Starts and ends may be counted on different threads. Their difference is the number of running calls.
                Owner::InFlight(_) => Value::Gauge(count as i64 as f64),
                _ => Value::Counter(count),
            }
        }
        MetricKind::Gauge => {
            let bits = shard::common(series.slot)
                .first()
                .map_or(0, |c| c.load(Relaxed));
            Value::Gauge(f64::from_bits(bits))
        }
        MetricKind::Histogram => {
            let mut all = Distribution::empty(series.floor);
            shard::for_each(series.slot, |cells| {
                all.sum += f64::from_bits(cells[0].load(Relaxed));
                for (sum, cell) in all.buckets.iter_mut().zip(&cells[1..]) {
                    *sum += cell.load(Relaxed);
                }
            });
            Value::Histogram(all)
        }
    }
}
