//! Metrics of a test.

use crate::model::change::Change;
use crate::model::family::MetricKind;
use crate::model::site::{Owner, Series};
use std::fmt;

/// One series that was recorded in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Metric {
    /// The metric's dotted name.
    pub name: String,
    /// Labels, key and value.
    pub labels: Vec<(String, String)>,
    /// What was recorded.
    pub value: MetricValue,
}

/// What was recorded in a series.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum MetricValue {
    /// A counter's count.
    Counter(u64),
    /// A gauge's level.
    Gauge(f64),
    /// A histogram's values.
    #[non_exhaustive]
    Histogram {
        /// How many.
        count: u64,
        /// Their sum, in the metric's unit.
        sum: f64,
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
    },
}

impl Metric {
    /// Whether it has this name and at least these labels.
    pub(super) fn is(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        self.name == name
            && labels
                .iter()
                .all(|(key, value)| self.labels.iter().any(|(k, v)| k == key && v == value))
    }
}

/// As `bids.submitted{trade=roofing} 1`.
impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (n, (key, value)) in self.labels.iter().enumerate() {
            write!(f, "{}{key}={value}", if n == 0 { "{" } else { "," })?;
        }
        if !self.labels.is_empty() {
            f.write_str("}")?;
        }
        match self.value {
            MetricValue::Counter(count) => write!(f, " {count}"),
            MetricValue::Gauge(level) => write!(f, " {level}"),
            MetricValue::Histogram { count, sum, .. } => write!(f, " count {count} sum {sum}"),
        }
    }
}

/// A series' number so far.
pub(super) struct Number(MetricValue);

impl Number {
    pub(super) fn of(series: &Series) -> Self {
        Self(match (series.kind, &series.owner) {
            (MetricKind::Gauge, _) | (_, Owner::InFlight(_)) => MetricValue::Gauge(0.0),
            (MetricKind::Counter, _) => MetricValue::Counter(0),
            (MetricKind::Histogram, _) => MetricValue::Histogram {
                count: 0,
                sum: 0.0,
                min: f64::INFINITY,
                max: f64::NEG_INFINITY,
            },
        })
    }

    pub(super) fn change(&mut self, change: Change) {
        match (&mut self.0, change) {
            (MetricValue::Counter(count), Change::Add(n)) => *count = count.wrapping_add(n),
            // Running calls: -1 wraps.
            (MetricValue::Gauge(level), Change::Add(n)) => *level += n as i64 as f64,
            (MetricValue::Gauge(level), Change::Set(value)) => *level = value,
            (MetricValue::Gauge(level), Change::Adjust(by)) => *level += by,
            (
                MetricValue::Histogram {
                    count,
                    sum,
                    min,
                    max,
                },
                Change::Record(value),
            ) => {
                *count += 1;
                *sum += value;
                *min = min.min(value);
                *max = max.max(value);
            }
            _ => {}
        }
    }

    pub(super) fn metric(&self, series: &Series) -> Metric {
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        Metric {
            name: series.name().to_owned(),
            labels: series.labels().into_iter().map(owned).collect(),
            value: self.0,
        }
    }
}
