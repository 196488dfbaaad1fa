//! Metrics that a test captured.

use crate::model::change::Change;
use crate::model::family::MetricKind;
use crate::model::site::{Owner, Series};
use std::fmt;

/// A captured series of a metric.
///
/// ```
/// use instrumental::testing::{self, MetricValue};
///
/// #[instrumental::catalog]
/// mod bids {
///     /// Bids submitted.
///     pub fn submitted() -> Counter;
/// }
///
/// let ((), seen) = testing::capture(|| bids::submitted().increment(2));
/// let metric = &seen.metrics()[0];
/// assert_eq!(metric.name, "bids.submitted");
/// assert_eq!(metric.value, MetricValue::Counter(2));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Metric {
    /// The dotted name of the metric.
    pub name: String,
    /// The keys and values of the labels.
    pub labels: Vec<(String, String)>,
    /// The value at the end of the capture.
    pub value: MetricValue,
}

/// The value of a captured series. See [`Metric`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum MetricValue {
    /// The count of a counter.
    Counter(u64),
    /// The level of a gauge.
    Gauge(f64),
    /// The values of a histogram.
    #[non_exhaustive]
    Histogram {
        /// The number of values.
        count: u64,
        /// The sum of the values, in the metric's unit.
        sum: f64,
        /// The smallest value.
        min: f64,
        /// The largest value.
        max: f64,
    },
}

impl Metric {
    /// Returns whether the metric has this name and at least these labels.
    pub(super) fn matches(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        self.name == name
            && labels
                .iter()
                .all(|(key, value)| self.labels.iter().any(|(k, v)| k == key && v == value))
    }
}

impl fmt::Display for Metric {
    /// Formats the series as `bids.submitted{trade=roofing} 1`.
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

/// The value of a series so far.
pub(super) struct SeriesValue(MetricValue);

impl SeriesValue {
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
            // The gauge of running calls counts down by adding -1, wrapped.
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
