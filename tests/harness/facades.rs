//! A `metrics` recorder and a `tracing` subscriber, as an application would install them, for one thread.

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};

/// What reached the facades, one line per item, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// As `bids.submitted{trade=roofing} += 1`.
    pub metrics: Vec<String>,
    /// As `bids.submitted [unit] help`.
    pub descriptions: Vec<String>,
    /// As `INFO payment.released id=7`.
    pub events: Vec<String>,
}

/// Runs `run` with its own recorder and subscriber.
pub fn seen(run: impl FnOnce()) -> Seen {
    let listener = Listener::default();
    metrics::with_local_recorder(&listener, || {
        tracing::subscriber::with_default(listener.clone(), run);
    });
    listener.seen()
}

/// A recorder and a subscriber.
#[derive(Clone, Default)]
pub struct Listener(Arc<Mutex<Seen>>);

impl Listener {
    /// Everything received so far.
    pub fn seen(&self) -> Seen {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn describe(&self, name: &KeyName, unit: Option<Unit>, help: &SharedString) {
        let unit = unit.map_or("-", |unit| unit.as_str());
        let line = format!("{} [{unit}] {help}", name.as_str());
        self.note(|seen| {
            if !seen.descriptions.contains(&line) {
                seen.descriptions.push(line);
            }
        });
    }

    fn series(&self, key: &Key) -> Arc<Series> {
        let labels: Vec<_> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::new(Series {
            name,
            listener: self.clone(),
        })
    }
}

/// One series of the recorder.
struct Series {
    name: String,
    listener: Listener,
}

impl Series {
    fn note(&self, sign: &str, value: impl std::fmt::Display) {
        let line = format!("{} {sign} {value}", self.name);
        self.listener.note(|seen| seen.metrics.push(line));
    }
}

impl CounterFn for Series {
    fn increment(&self, value: u64) {
        self.note("+=", value);
    }
    fn absolute(&self, value: u64) {
        self.note(":=", value);
    }
}

impl GaugeFn for Series {
    fn increment(&self, value: f64) {
        self.note("+=", value);
    }
    fn decrement(&self, value: f64) {
        self.note("-=", value);
    }
    fn set(&self, value: f64) {
        self.note("=", value);
    }
}

impl HistogramFn for Series {
    fn record(&self, value: f64) {
        self.note("<-", value);
    }
}

impl Recorder for Listener {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(&key, unit, &description);
    }
    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(&key, unit, &description);
    }
    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(&key, unit, &description);
    }
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.series(key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.series(key))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.series(key))
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(format!("{} {}", metadata.level(), metadata.name()));
        event.record(&mut line);
        self.note(|seen| seen.events.push(line.0));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Writes fields as `name=value`, texts in quotes.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!(" {}={value:?}", field.name()));
    }
}
