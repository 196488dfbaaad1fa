//! The DogStatsD client. Metrics are aggregated in this process, so that traffic does not grow with the rate of calls.

use super::checks;
use super::tags::{name, tag};
use crate::base::drop_counts;
use crate::collect::store::bucket;
use crate::model::drop_reason::DropReason;
use crate::pipeline::queue::transport::QueuedBatch;
use crate::pipeline::queue::{ExportQueue, Signal};
use crate::{Distribution, Sample, SampleValue};
use std::collections::{BTreeMap, HashMap};

/// The metric type of histograms: Datadog computes the percentiles of a distribution over all hosts.
const DISTRIBUTION: &str = "d";

/// Formats samples of the store as lines, and queues them as datagrams.
pub(super) struct Statsd {
    /// The value that was sent last, by the address of the series.
    sent: HashMap<usize, SampleValue>,
    /// The tags of every line, without the leading `|#`.
    tags: String,
    /// The origin fields of every line, `|c:..|e:..`.
    origin: String,
    /// Bytes of the largest datagram.
    limit: usize,
    reported: Reported,
}

/// The totals that the last client telemetry reported.
#[derive(Default)]
struct Reported {
    delivered: u64,
    dropped: u64,
}

impl Statsd {
    /// Creates a client that adds `tags` and `origin` to every line.
    pub(super) fn new(tags: &[String], origin: String, limit: usize) -> Self {
        Self {
            sent: HashMap::new(),
            tags: tags.join(","),
            origin,
            limit,
            reported: Reported::default(),
        }
    }

    /// Queues the changes since the last flush.
    pub(super) fn flush(&mut self, samples: &[Sample], queue: &ExportQueue) {
        let mut lines = Vec::new();
        for sample in samples {
            self.sample(sample, &mut lines);
        }
        for check in checks::take() {
            lines.push(check.line(&self.tags));
        }
        self.client_telemetry(queue, &mut lines);
        for (datagram, items) in pack(&lines, self.limit) {
            queue.put(QueuedBatch {
                signal: Signal::Metrics,
                items,
                body: datagram,
                endpoint: 0,
            });
        }
    }

    /// Adds the lines of one series: the change since the last flush, or a gauge's value.
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
                let delta = now.saturating_sub(before);
                if delta > 0 {
                    lines.push(format!("{name}:{delta}|c{tail}"));
                }
            }
            (SampleValue::Gauge(value), _) if value.is_finite() => {
                lines.push(format!("{name}:{value}|g{tail}"));
            }
            (SampleValue::Gauge(_), _) => drop_counts::add(DropReason::NotFinite, 1),
            (SampleValue::Histogram(now), before) => {
                let delta = match before {
                    Some(SampleValue::Histogram(before)) => now.since(&before),
                    _ => now.clone(),
                };
                distribution(&name, &tail, &delta, self.limit, lines);
            }
        }
    }

    /// Returns the end of the series' lines: the tags and the origin.
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

    /// Adds the client telemetry that Datadog's own clients send: how many lines were sent and dropped.
    fn client_telemetry(&mut self, queue: &ExportQueue, lines: &mut Vec<String>) {
        let (delivered, dropped) = queue.stats().totals(Signal::Metrics);
        let mut add = |name: &str, delta: u64| {
            if delta > 0 {
                let tail = format!("|#{},client:instrumental{}", self.tags, self.origin);
                lines.push(format!("datadog.dogstatsd.client.{name}:{delta}|c{tail}"));
            }
        };
        add("metrics", delivered - self.reported.delivered);
        add("metric_dropped", dropped - self.reported.dropped);
        self.reported = Reported { delivered, dropped };
    }
}

/// Adds the lines of a histogram: one value for each bucket, with a sample rate of one in `count`, so that the Agent
/// weights it by the bucket's count. All values are scaled by the same factor, which makes their sum exact.
fn distribution(
    name: &str,
    tail: &str,
    values: &Distribution,
    limit: usize,
    lines: &mut Vec<String>,
) {
    for (count, group) in by_count(values) {
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
            let text = format!(":{value}");
            if packed.len() + text.len() > room {
                lines.push(format!("{name}{packed}|{DISTRIBUTION}{rate}{tail}"));
                packed.clear();
            }
            packed.push_str(&text);
        }
        lines.push(format!("{name}{packed}|{DISTRIBUTION}{rate}{tail}"));
    }
}

/// Returns a value for each bucket that is not empty, grouped by the bucket's count. Values of one group share a line's
/// name, sample rate and tags.
fn by_count(values: &Distribution) -> BTreeMap<u64, Vec<f64>> {
    let mut groups: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    let mut sum = 0.0;
    let buckets = values.buckets.iter().enumerate();
    for (at, count) in buckets.filter(|(_, count)| **count > 0) {
        // The geometric mean of the bucket's bounds, which are a quarter of an octave apart.
        let value = bucket::upper(at, values.floor) * (-0.125_f64).exp2();
        sum += value * *count as f64;
        groups.entry(*count).or_default().push(value);
    }
    // The sum is unusable if it overflowed, or if a concurrent writer has updated its bucket but not the sum yet.
    let scale = Some(values.sum / sum).filter(|scale| scale.is_finite() && *scale > 0.0);
    if let Some(scale) = scale {
        let all = groups.values_mut().flatten();
        all.for_each(|value| *value *= scale);
    }
    groups
}

/// Packs lines into datagrams of at most `limit` bytes. Returns each datagram with its number of lines. A line that alone
/// exceeds the limit is sent without its tags.
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
