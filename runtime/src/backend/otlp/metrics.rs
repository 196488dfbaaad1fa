//! Converts the metrics of the store to OTLP. The store's histograms have exponential buckets, so counts are copied as they
//! are.

use super::value::{nanos, text};
use crate::collect::store::bucket;
use crate::model::site::Series;
use crate::pipeline::exemplars;
use crate::{Distribution, Sample, SampleValue};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge,
    Metric, NumberDataPoint, Sum, exemplar,
};
use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

/// The scale of the histograms: four buckets per octave, so the base is 2^(1/4) (OTLP: base = 2^(2^-scale)).
const SCALE: i32 = 2;
const PER_OCTAVE: i32 = 4;

/// Reads the store, and keeps the state of delta temporality between two reads.
pub(super) struct Reader {
    delta: bool,
    since: SystemTime,
    /// The values of the last read, by series. Only used with delta temporality.
    last: HashMap<usize, SampleValue>,
}

impl Reader {
    pub(super) fn new(delta: bool, since: SystemTime) -> Self {
        Self {
            delta,
            since,
            last: HashMap::new(),
        }
    }

    /// Returns the metrics, and the number of their data points.
    pub(super) fn read(&mut self, samples: Vec<Sample>, now: SystemTime) -> (Vec<Metric>, usize) {
        let mut metrics: BTreeMap<&'static str, Metric> = BTreeMap::new();
        let mut points = 0;
        for sample in samples {
            let value = match self.difference(&sample) {
                Some(value) => value,
                None => continue,
            };
            let metric = metrics
                .entry(sample.name())
                .or_insert_with(|| self.metric(&sample));
            points += usize::from(self.add(metric, &sample, value, now));
        }
        if self.delta {
            self.since = now;
        }
        (metrics.into_values().collect(), points)
    }

    /// Returns the value to send for a series: with delta temporality, its change since the last read, if there is one.
    fn difference(&mut self, sample: &Sample) -> Option<SampleValue> {
        if !self.delta {
            return Some(sample.value.clone());
        }
        let key = std::ptr::from_ref(sample.series) as usize;
        let last = self.last.insert(key, sample.value.clone());
        match (&sample.value, last) {
            (SampleValue::Counter(now), Some(SampleValue::Counter(then))) => {
                let more = now.saturating_sub(then);
                (more > 0).then_some(SampleValue::Counter(more))
            }
            (SampleValue::Histogram(now), Some(SampleValue::Histogram(then))) => {
                let more = now.since(&then);
                (more.count() > 0).then_some(SampleValue::Histogram(more))
            }
            (value, _) => Some(value.clone()),
        }
    }

    fn temporality(&self) -> i32 {
        let temporality = if self.delta {
            AggregationTemporality::Delta
        } else {
            AggregationTemporality::Cumulative
        };
        temporality as i32
    }

    /// Returns a metric without data points.
    fn metric(&self, sample: &Sample) -> Metric {
        let aggregation_temporality = self.temporality();
        let data = match sample.value {
            SampleValue::Counter(_) => Data::Sum(Sum {
                aggregation_temporality,
                is_monotonic: true,
                ..Sum::default()
            }),
            SampleValue::Gauge(_) => Data::Gauge(Gauge::default()),
            SampleValue::Histogram(_) => Data::ExponentialHistogram(ExponentialHistogram {
                aggregation_temporality,
                ..ExponentialHistogram::default()
            }),
        };
        Metric {
            name: sample.name().to_owned(),
            description: sample.series.help().to_owned(),
            unit: sample.unit().to_owned(),
            data: Some(data),
            ..Metric::default()
        }
    }

    /// Adds a data point to a metric. Returns `false` if the value has another kind than the metric.
    fn add(
        &self,
        metric: &mut Metric,
        sample: &Sample,
        value: SampleValue,
        now: SystemTime,
    ) -> bool {
        let attributes: Vec<KeyValue> = sample
            .labels()
            .into_iter()
            .map(|(key, value)| text(key, value))
            .collect();
        let number = |value| NumberDataPoint {
            attributes: attributes.clone(),
            start_time_unix_nano: nanos(self.since),
            time_unix_nano: nanos(now),
            value: Some(value),
            ..NumberDataPoint::default()
        };
        match (&mut metric.data, value) {
            (Some(Data::Sum(sum)), SampleValue::Counter(count)) => {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                sum.data_points.push(number(Value::AsInt(count)));
            }
            (Some(Data::Gauge(gauge)), SampleValue::Gauge(level)) => {
                gauge.data_points.push(number(Value::AsDouble(level)));
            }
            (Some(Data::ExponentialHistogram(all)), SampleValue::Histogram(values)) => {
                let exemplars = exemplars(sample.series);
                all.data_points.push(ExponentialHistogramDataPoint {
                    attributes,
                    start_time_unix_nano: nanos(self.since),
                    time_unix_nano: nanos(now),
                    exemplars,
                    ..histogram(&values)
                });
            }
            _ => return false,
        }
        true
    }
}

/// Returns the data point of a histogram. The store's first bucket counts all values below its smallest bound, so it
/// becomes the zero bucket.
fn histogram(values: &Distribution) -> ExponentialHistogramDataPoint {
    let first = values.buckets.iter().skip(1).position(|count| *count > 0);
    let last = values.buckets.iter().rposition(|count| *count > 0);
    let (first, last) = match (first, last) {
        (Some(first), Some(last)) => (first + 1, last),
        _ => (1, 0),
    };
    let counts = values.buckets.get(first..=last).unwrap_or_default();
    ExponentialHistogramDataPoint {
        count: values.count(),
        sum: Some(values.sum),
        scale: SCALE,
        zero_count: values.buckets.first().copied().unwrap_or(0),
        zero_threshold: bucket::upper(0, values.floor),
        positive: Some(Buckets {
            offset: i32::from(values.floor) * PER_OCTAVE + first as i32,
            bucket_counts: counts.to_vec(),
        }),
        ..ExponentialHistogramDataPoint::default()
    }
}

fn exemplars(series: &'static Series) -> Vec<Exemplar> {
    let of_series = exemplars::of(series).into_iter();
    of_series
        .map(|exemplar| Exemplar {
            time_unix_nano: nanos(exemplar.time),
            span_id: exemplar.span.to_be_bytes().to_vec(),
            trace_id: exemplar.trace.to_be_bytes().to_vec(),
            value: Some(exemplar::Value::AsDouble(exemplar.value)),
            ..Exemplar::default()
        })
        .collect()
}
