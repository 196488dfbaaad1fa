//! Metrics as DogStatsD datagrams, aggregated here: traffic does not grow with the rate of calls.

use super::checks;
use super::tags::{name, tag};
use crate::base::drop_counts;
use crate::collect::store::bucket;
use crate::model::drop_reason::DropReason;
use crate::pipeline::queue::transport::QueuedBatch;
use crate::pipeline::queue::{ExportQueue, Signal};
use crate::{Distribution, Sample, SampleValue};
use std::collections::HashMap;
use std::fmt::Write;

/// What a histogram's values are sent as: percentiles are the Agent's backend's, over all hosts.
const DISTRIBUTION: &str = "d";

/// Turns readings of the store into lines.
pub(super) struct Statsd {
    /// What was sent last, by series.
    sent: HashMap<usize, SampleValue>,
    /// `|#env:x,..`, to which a series' own tags are added.
    tags: String,
    /// `|c:..|e:..`.
    origin: String,
    /// Largest datagram.
    limit: usize,
    reported: Reported,
}

/// What was told of our own doings.
#[derive(Default)]
struct Reported {
    delivered: u64,
    dropped: u64,
}

impl Statsd {
    pub(super) fn new(constant: &[String], origin: String, limit: usize) -> Self {
        Self {
            sent: HashMap::new(),
            tags: constant.join(","),
            origin,
            limit,
            reported: Reported::default(),
        }
    }

    /// Puts what changed since the last time into datagrams, and those into the queue.
    pub(super) fn flush(&mut self, samples: &[Sample], queue: &ExportQueue) {
        let mut lines = Vec::new();
        for sample in samples {
            self.sample(sample, &mut lines);
        }
        for check in checks::take() {
            lines.push(check.line(&self.tags));
        }
        self.own(queue, &mut lines);
        for (datagram, items) in pack(&lines, self.limit) {
            queue.put(QueuedBatch {
                signal: Signal::Metrics,
                items,
                body: datagram,
                endpoint: 0,
            });
        }
    }

    fn sample(&mut self, sample: &Sample, lines: &mut Vec<String>) {
        let key = std::ptr::from_ref(sample.series) as usize;
        let before = self.sent.insert(key, sample.value.clone());
        let name = name(sample.name());
        let tail = self.tail(sample);
        match (&sample.value, before) {
            (SampleValue::Counter(now), before) => {
                let before = if let Some(SampleValue::Counter(n)) = before {
                    n
                } else {
                    0
                };
                let more = now.saturating_sub(before);
                if more > 0 {
                    lines.push(format!("{name}:{more}|c{tail}"));
                }
            }
            (SampleValue::Gauge(level), _) if level.is_finite() => {
                lines.push(format!("{name}:{level}|g{tail}"));
            }
            (SampleValue::Gauge(_), _) => drop_counts::add(DropReason::NotFinite, 1),
            (SampleValue::Histogram(now), before) => {
                let more = match before {
                    Some(SampleValue::Histogram(before)) => now.since(&before),
                    _ => now.clone(),
                };
                distribution(&name, &tail, &more, self.limit, lines);
            }
        }
    }

    fn tail(&self, sample: &Sample) -> String {
        let mut tail = format!("|#{}", self.tags);
        for (key, value) in sample.labels() {
            let tag = tag(key, value);
            if !tag.is_empty() {
                tail.push(',');
                tail.push_str(&tag);
            }
        }
        tail.push_str(&self.origin);
        tail
    }

    /// What was sent and lost, as Datadog's own clients tell it.
    fn own(&mut self, queue: &ExportQueue, lines: &mut Vec<String>) {
        let (delivered, dropped) = queue.stats().totals(Signal::Metrics);
        let mut tell = |what: &str, more: u64| {
            if more > 0 {
                let tail = format!("|#{},client:instrumental{}", self.tags, self.origin);
                lines.push(format!("datadog.dogstatsd.client.{what}:{more}|c{tail}"));
            }
        };
        tell("metrics", delivered - self.reported.delivered);
        tell("metric_dropped", dropped - self.reported.dropped);
        self.reported = Reported { delivered, dropped };
    }
}

/// A value of each bucket, with a sample rate of one in as many as it has: the Agent counts it as often. The values are
/// moved within their buckets so that the sum is right too.
fn distribution(
    name: &str,
    tail: &str,
    values: &Distribution,
    limit: usize,
    lines: &mut Vec<String>,
) {
    let mut by_count: HashMap<u64, Vec<f64>> = HashMap::new();
    let mut sum = 0.0;
    for (at, count) in values
        .buckets
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
    {
        // The geometric middle of the bucket, which is a quarter of an octave wide.
        let value = bucket::upper(at, values.floor) * (-0.125_f64).exp2();
        sum += value * *count as f64;
        by_count.entry(*count).or_default().push(value);
    }
    // A sum that overflowed, or has not caught up with its buckets yet, says nothing.
    let scale = Some(values.sum / sum).filter(|scale| scale.is_finite() && *scale > 0.0);
    let scale = scale.unwrap_or(1.0);
    let mut groups: Vec<_> = by_count.into_iter().collect();
    groups.sort_by_key(|(count, _)| *count);
    for (count, group) in groups {
        let rate = if count == 1 {
            String::new()
        } else {
            format!("|@{}", 1.0 / count as f64)
        };
        let room = limit
            .saturating_sub(name.len() + tail.len() + rate.len() + 8)
            .max(32);
        let mut packed = String::new();
        for value in group {
            let text = format!(":{}", value * scale);
            if packed.len() + text.len() > room {
                lines.push(format!("{name}{packed}|{DISTRIBUTION}{rate}{tail}"));
                packed.clear();
            }
            // Into a String: cannot fail.
            let _ = write!(packed, "{text}");
        }
        lines.push(format!("{name}{packed}|{DISTRIBUTION}{rate}{tail}"));
    }
}

/// Lines in datagrams of at most so many bytes, and how many each has. A line that is too long by itself loses its tags.
fn pack(lines: &[String], limit: usize) -> Vec<(Vec<u8>, u64)> {
    let mut datagrams = Vec::new();
    let (mut datagram, mut items) = (Vec::new(), 0);
    for line in lines {
        let line = if line.len() < limit {
            line.as_str()
        } else {
            drop_counts::add(DropReason::TagLimit, 1);
            line.split("|#").next().unwrap_or_default()
        };
        if datagram.len() + line.len() + 1 > limit {
            datagrams.push((std::mem::take(&mut datagram), items));
            items = 0;
        }
        datagram.extend_from_slice(line.as_bytes());
        datagram.push(b'\n');
        items += 1;
    }
    if items > 0 {
        datagrams.push((datagram, items));
    }
    datagrams.retain(|(datagram, _)| !datagram.is_empty());
    datagrams
}
