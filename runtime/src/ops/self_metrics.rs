//! Metrics of telemetry itself. Each backend receives them, so that data lost on the way to one backend is visible in the
//! others.

use crate::base::drop_counts;
use crate::base::sync::lock;
use crate::collect::store::snapshot::{Sample, Value};
use crate::collect::trace::sampling;
use crate::model::family::{FamilySpec, MetricKind};
use crate::model::label::LabelSpec;
use crate::model::site::{Family, Owner, Series};
use crate::model::unit::{Bytes, Ratio, Unit};
use crate::pipeline::queue::{health, volume};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

const fn family(
    name: &'static str,
    help: &'static str,
    kind: MetricKind,
    labels: &'static [LabelSpec],
) -> Family {
    family_in_unit(name, help, kind, ("", ""), labels)
}

/// Makes a family whose unit is given as its code and its word.
const fn family_in_unit(
    name: &'static str,
    help: &'static str,
    kind: MetricKind,
    unit: (&'static str, &'static str),
    labels: &'static [LabelSpec],
) -> Family {
    Family::new(FamilySpec {
        name,
        help,
        kind,
        unit: unit.0,
        unit_word: unit.1,
        floor: 0,
        labels,
        budget: 1000,
        owner: "",
        file: file!(),
        line: line!(),
        module: "instrumental",
    })
}

const BYTES: (&str, &str) = (Bytes::CODE, Bytes::WORD);
const OF_SIGNAL: &[LabelSpec] = &[LabelSpec::learnt("backend"), LabelSpec::learnt("signal")];

static ACCEPTED: Family = family(
    "instrumental.accepted",
    "Items handed to a backend.",
    MetricKind::Counter,
    OF_SIGNAL,
);
static DELIVERED: Family = family(
    "instrumental.delivered",
    "Items a backend received; over UDP, items sent.",
    MetricKind::Counter,
    OF_SIGNAL,
);
static QUEUED: Family = family(
    "instrumental.queued",
    "Items queued for a backend.",
    MetricKind::Gauge,
    OF_SIGNAL,
);
static DROPPED: Family = family(
    "instrumental.dropped",
    "Items dropped before a backend received them, by reason.",
    MetricKind::Counter,
    &[
        LabelSpec::learnt("backend"),
        LabelSpec::learnt("signal"),
        LabelSpec::learnt("reason"),
    ],
);
static REQUESTS: Family = family(
    "instrumental.requests",
    "Requests, datagrams or writes that a backend accepted; for Sentry, each holds one error or transaction.",
    MetricKind::Counter,
    OF_SIGNAL,
);
static SENT: Family = family_in_unit(
    "instrumental.sent",
    "Bytes that a backend accepted, before compression.",
    MetricKind::Counter,
    BYTES,
    OF_SIGNAL,
);
static LOGGED: Family = family_in_unit(
    "instrumental.logged",
    "Bytes of log lines, by target and level; a line with several destinations counts once.",
    MetricKind::Counter,
    BYTES,
    &[LabelSpec::learnt("target"), LabelSpec::learnt("level")],
);
static SAMPLE_RATE: Family = family_in_unit(
    "instrumental.sample_rate",
    "Ratio of traces that are sampled unless a rule matches.",
    MetricKind::Gauge,
    (Ratio::CODE, Ratio::WORD),
    &[],
);
static LOST: Family = family(
    "instrumental.lost",
    "Records dropped before they reached any backend, by reason.",
    MetricKind::Counter,
    &[LabelSpec::learnt("reason")],
);

/// All metrics of telemetry itself.
pub(crate) static FAMILIES: [&Family; 9] = [
    &ACCEPTED,
    &DELIVERED,
    &QUEUED,
    &DROPPED,
    &REQUESTS,
    &SENT,
    &LOGGED,
    &SAMPLE_RATE,
    &LOST,
];

/// Returns the current values of all metrics of telemetry itself.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for backend in health() {
        for (signal, account) in &backend.accounts {
            let labels = [backend.backend, signal.as_str()];
            let mut push = |family, count| {
                samples.push(sample(family, &labels, Value::Counter(count)));
            };
            push(&ACCEPTED, account.accepted);
            push(&DELIVERED, account.delivered);
            push(&REQUESTS, account.requests);
            push(&SENT, account.sent_bytes);
            samples.push(sample(
                &QUEUED,
                &labels,
                Value::Gauge(account.queued as f64),
            ));
            for (reason, count) in &account.dropped {
                let labels = [backend.backend, signal.as_str(), reason];
                samples.push(sample(&DROPPED, &labels, Value::Counter(*count)));
            }
        }
    }
    let rate = Value::Gauge(sampling::rate());
    samples.push(sample(&SAMPLE_RATE, &[], rate));
    for ((target, level), bytes) in volume::volume() {
        samples.push(sample(&LOGGED, &[target, level], Value::Counter(bytes)));
    }
    for (reason, count) in drop_counts::lost() {
        samples.push(sample(&LOST, &[reason.as_str()], Value::Counter(count)));
    }
    samples
}

/// Returns a sample of the series with these labels. A series is leaked, once: their number is bounded by the backends,
/// signals, log targets and reasons of the program.
fn sample(family: &'static Family, labels: &[&'static str], value: Value) -> Sample {
    type Key = (usize, Vec<&'static str>);
    static KNOWN: OnceLock<Mutex<HashMap<Key, &'static Series>>> = OnceLock::new();
    let key = (std::ptr::from_ref(family) as usize, labels.to_vec());
    let mut known = lock(KNOWN.get_or_init(Mutex::default));
    let series = known.entry(key).or_insert_with(|| {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Box::leak(Box::new(Series {
            // The series has no cells, as nothing records into it.
            slot: u32::MAX,
            kind: family.spec.kind,
            floor: 0,
            owner: Owner::Family(family, labels),
            index: u32::MAX,
            foreign: OnceLock::new(),
        }))
    });
    Sample { series, value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::queue::{DeliveryStats, Signal};

    #[test]
    fn r24_items_a_backend_dropped_are_a_metric() {
        let stats = DeliveryStats::open("own-test");
        stats.drop_unqueued(Signal::Spans, "queue_full", 3);
        let samples: Vec<_> = samples()
            .into_iter()
            .filter(|sample| sample.label("backend") == Some("own-test"))
            .collect();
        let value = |name: &str| {
            let found = samples.iter().find(|sample| sample.name() == name);
            found.map(|sample| sample.value.clone())
        };
        assert_eq!(value("instrumental.accepted"), Some(Value::Counter(3)));
        assert_eq!(value("instrumental.dropped"), Some(Value::Counter(3)));
        assert_eq!(value("instrumental.queued"), Some(Value::Gauge(0.0)));
    }

    #[test]
    fn bytes_sent_and_logged_are_metrics() {
        let stats = DeliveryStats::open("own-bytes");
        stats.accept(Signal::Logs, 2);
        stats.sent(Signal::Logs, 300);
        stats.deliver(Signal::Logs, 2);
        crate::pipeline::queue::volume::add("own-bytes", "WARN", 70);
        let value = |name: &str, key: &str| {
            let all = samples();
            let found = all
                .iter()
                .find(|sample| sample.name() == name && sample.label(key) == Some("own-bytes"));
            found.map(|sample| sample.value.clone())
        };
        assert_eq!(
            value("instrumental.requests", "backend"),
            Some(Value::Counter(1))
        );
        assert_eq!(
            value("instrumental.sent", "backend"),
            Some(Value::Counter(300))
        );
        assert_eq!(
            value("instrumental.logged", "target"),
            Some(Value::Counter(70))
        );
    }
}
