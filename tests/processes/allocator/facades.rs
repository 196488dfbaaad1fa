//! A subscriber and a recorder of the application that call annotated functions themselves.

use instrumental::{catalog, traced};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};

static SPANS: AtomicU64 = AtomicU64::new(0);
static ENTERED: AtomicU64 = AtomicU64::new(0);
static COUNTED: AtomicU64 = AtomicU64::new(0);
static MEASURED: AtomicU64 = AtomicU64::new(0);

#[catalog(name = "facades")]
#[allow(unreachable_pub)]
mod own {
    /// Things done.
    pub fn done() -> Counter;
}

#[traced(depth)]
fn helper(depth: u32) -> String {
    own::done().increment(1);
    format!("{depth}")
}

struct Spans;

impl Subscriber for Spans {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        // No annotated call here: `tracing` holds a lock that a new callsite needs.
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        helper(2);
        Id::from_u64(SPANS.fetch_add(1, Relaxed) + 1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {
        helper(3);
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        helper(4);
    }
    fn enter(&self, _: &Id) {
        helper(5);
        ENTERED.fetch_add(1, Relaxed);
    }
    fn exit(&self, _: &Id) {
        helper(6);
        ENTERED.fetch_sub(1, Relaxed);
    }
}

struct Numbers;

impl CounterFn for Numbers {
    fn increment(&self, by: u64) {
        helper(7);
        COUNTED.fetch_add(by, Relaxed);
    }
    fn absolute(&self, _: u64) {}
}

impl HistogramFn for Numbers {
    fn record(&self, _: f64) {
        helper(8);
        MEASURED.fetch_add(1, Relaxed);
    }
}

impl Recorder for Numbers {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        helper(9);
    }
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        helper(10);
    }
    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        helper(11);
        Counter::from_arc(Arc::new(Self))
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        helper(12);
        Histogram::from_arc(Arc::new(Self))
    }
}

/// Makes calls and counts with both receivers installed, for every action of the allocator.
pub(crate) fn run(set_action: &dyn Fn(u8), actions: &[u8]) -> Result<(), Box<dyn Error>> {
    tracing::subscriber::set_global_default(Spans)?;
    // The field gives the recorder a size, so that it is not mistaken for the no-op recorder.
    metrics::set_global_recorder(SizedRecorder(7, Numbers))?;
    for action in actions {
        let (counted, measured) = (COUNTED.load(Relaxed), MEASURED.load(Relaxed));
        set_action(*action);
        for n in 0..100 {
            helper(n);
        }
        let fresh = std::thread::spawn(|| helper(1));
        let fresh = fresh.join();
        set_action(0);
        assert!(fresh.is_ok());
        assert!(COUNTED.load(Relaxed) - counted >= 101, "{action}");
        assert!(MEASURED.load(Relaxed) - measured >= 101, "{action}");
        assert_eq!(
            ENTERED.load(Relaxed),
            0,
            "{action}: every span that was entered was exited"
        );
    }
    assert!(SPANS.load(Relaxed) >= 400);
    let dropped = instrumental::lost();
    assert!(
        dropped
            .iter()
            .any(|(reason, count)| reason.as_str() == "reentrant" && *count > 0)
    );
    Ok(())
}

struct SizedRecorder(#[allow(dead_code)] u64, Numbers);

impl Recorder for SizedRecorder {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.1.describe_counter(name, unit, help);
    }
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.1.describe_histogram(name, unit, help);
    }
    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        self.1.register_counter(key, metadata)
    }
    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        self.1.register_gauge(key, metadata)
    }
    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        self.1.register_histogram(key, metadata)
    }
}
