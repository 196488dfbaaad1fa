//! Reading the store.

use super::bucket::{BUCKETS, quantile, upper};
use super::shard;
use crate::model::family::MetricKind;
use crate::model::site::{Owner, Series};
use std::sync::atomic::Ordering::Relaxed;

/// What a series holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A counter's count.
    Counter(u64),
    /// A gauge's level.
    Gauge(f64),
    /// A distribution.
    Histogram(Distribution),
}

/// The values of a histogram.
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

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// How many values lie in each bucket that has any: its upper bound, and the number.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let floor = self.floor;
        let buckets = self.buckets.iter().enumerate();
        let counted = buckets.filter(|(_, count)| **count > 0);
        counted.map(move |(bucket, count)| (upper(bucket, floor), *count))
    }

    /// The value below which the part `q` (0 to 1) of the values lie, a few percent off and 19% at most; `None` without
    /// values.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        quantile(&self.buckets, self.floor, q)
    }

    /// What came in since `then`, an earlier reading.
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

/// One series, read.
#[derive(Clone, Debug)]
pub struct Sample {
    pub(crate) series: &'static Series,
    /// What it holds.
    pub value: Value,
}

impl Sample {
    /// The metric's dotted name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.series.name()
    }

    /// The metric's kind.
    #[must_use]
    pub fn kind(&self) -> MetricKind {
        self.series.kind
    }

    /// UCUM code of the metric's unit.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        self.series.unit()
    }

    /// Labels, key and value.
    #[must_use]
    pub fn labels(&self) -> Vec<(&'static str, &str)> {
        self.series.labels()
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        let find = |(known, value)| (known == key).then_some(value);
        self.labels().into_iter().find_map(find)
    }
}

/// Reads every series of the store. Counts are exact; a value recorded meanwhile may be in or not.
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
                // Starts and ends are counted where they happen; their difference is what runs.
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
