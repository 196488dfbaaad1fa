//! The annotated functions.

use crate::floor::{Failure, body, body_async};
use instrumental::{Bounded, Classified, ErrorClass, Label, catalog, traced};
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

#[inline(never)]
#[traced]
pub(crate) fn plain(x: u64) -> Result<u64, Failure> {
    body(x)
}

#[inline(never)]
#[traced(x)]
pub(crate) fn with_field(x: u64) -> Result<u64, Failure> {
    body(x)
}

#[traced]
pub(crate) async fn plain_async(x: u64) -> Result<u64, Failure> {
    body_async(x).await
}

#[traced(x)]
pub(crate) async fn with_field_async(x: u64) -> Result<u64, Failure> {
    body_async(x).await
}

/// The parent of the measured calls.
#[traced]
pub(crate) fn parent(calls: u64, batch: fn(u64)) {
    batch(calls);
}

/// Fails without a report.
#[inline(never)]
#[traced]
pub(crate) fn fails(x: u64) -> Result<u64, Failure> {
    body(x | u64::MAX)
}

/// Fails with a report.
#[inline(never)]
#[traced]
#[instrumental::capture_errors]
pub(crate) fn reports(x: u64) -> Result<u64, Failure> {
    body(x | u64::MAX)
}

/// The plain function of [`fails`] and [`reports`].
#[inline(never)]
pub(crate) fn fails_alone(x: u64) -> Result<u64, Failure> {
    body(x | u64::MAX)
}

/// The kind of the errors that [`captured`] reports.
static KIND: AtomicUsize = AtomicUsize::new(0);
/// The labels of all kinds. Report throttling compares labels by address, metrics compare them by text.
const LABELS: &str = match std::str::from_utf8(&[b'x'; KINDS]) {
    Ok(labels) => labels,
    Err(_) => "",
};
pub(crate) const KINDS: usize = 256;

/// Sets the kind of further errors.
pub(crate) fn set_kind(kind: usize) {
    KIND.store(kind, Relaxed);
}

/// An error of many kinds.
#[derive(Debug)]
pub(crate) struct Of(usize);

impl std::fmt::Display for Of {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for Of {}

impl Classified for Of {
    fn label(&self) -> &'static str {
        &LABELS[self.0..=self.0]
    }

    fn class(&self) -> ErrorClass {
        ErrorClass::UNCLASSIFIED
    }
}

/// Fails with a report of the current kind.
#[inline(never)]
#[traced]
#[instrumental::capture_errors]
pub(crate) fn captured(x: u64) -> Result<u64, Of> {
    body(x | u64::MAX).map_err(|_| Of(KIND.load(Relaxed)))
}

/// The plain function of [`captured`].
#[inline(never)]
pub(crate) fn captured_alone(x: u64) -> Result<u64, Of> {
    body(x | u64::MAX).map_err(|_| Of(KIND.load(Relaxed)))
}

#[derive(Clone, Copy, Label)]
pub(crate) enum Trade {
    Plumbing,
    Roofing,
}

#[catalog]
pub(crate) mod offers {
    /// A counter with a small label.
    pub(crate) fn by_trade(trade: Trade) -> Counter;
    /// A counter with a label of arbitrary text.
    pub(crate) fn by_city(city: Bounded<1000>) -> Counter;
}

#[catalog]
pub(crate) mod many {
    /// Measures the memory of the store.
    pub(crate) fn first(id: Bounded<2000>) -> Histogram<Seconds>;
    /// Measures the memory of the store.
    pub(crate) fn second(id: Bounded<2000>) -> Histogram<Seconds>;
    /// Measures the memory of the store.
    pub(crate) fn third(id: Bounded<2000>) -> Histogram<Seconds>;
    /// Measures the memory of the store.
    pub(crate) fn fourth(id: Bounded<2000>) -> Histogram<Seconds>;
    /// Measures the memory of the store.
    pub(crate) fn fifth(id: Bounded<2000>) -> Histogram<Seconds>;
}

#[inline(never)]
pub(crate) fn counted_by_trade(x: u64) -> Result<u64, Failure> {
    let trade = if x & 1 == 0 {
        Trade::Plumbing
    } else {
        Trade::Roofing
    };
    offers::by_trade(trade).increment(1);
    body(x)
}

#[inline(never)]
pub(crate) fn counted_by_city(x: u64) -> Result<u64, Failure> {
    with_city(x, |city| offers::by_city(Bounded::new(city)).increment(1));
    body(x)
}

/// The plain function of [`counted_by_city`].
#[inline(never)]
pub(crate) fn city_alone(x: u64) -> Result<u64, Failure> {
    with_city(x, |city| {
        std::hint::black_box(city);
    });
    body(x)
}

/// Calls `then` with one of 100,000 texts, a different one each time.
pub(crate) fn with_city(x: u64, then: impl FnOnce(&str)) {
    thread_local! {
        static TEXTS: RefCell<Vec<String>> = RefCell::new((0..100_000).map(|n| format!("city-{n}")).collect());
    }
    let at = (x.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % 100_000;
    TEXTS.with_borrow(|texts| then(&texts[at]));
}

/// Turns the pipeline on; flushes it between batches.
pub(crate) fn init(sample_rate: f64, keep_notable: bool) -> Box<dyn FnMut()> {
    let builder = instrumental::builder()
        .sample_rate(sample_rate)
        .keep_notable(keep_notable)
        .trace_tree(false)
        .summary(false);
    match builder.init() {
        Ok(telemetry) => Box::new(move || {
            let _ = telemetry.flush(Duration::from_secs(5));
        }),
        Err(error) => panic!("{error}"),
    }
}

/// The bytes of 10,000 histograms after use by one thread, by two, and after 100 times as many calls.
pub(crate) fn store_bytes() -> [usize; 3] {
    let _telemetry = init(1.0, true);
    let before = crate::machine::in_use();
    let fill = || {
        for n in 0..2000 {
            let id = n.to_string();
            many::first(Bounded::new(&id)).record(0.1);
            many::second(Bounded::new(&id)).record(0.1);
            many::third(Bounded::new(&id)).record(0.1);
            many::fourth(Bounded::new(&id)).record(0.1);
            many::fifth(Bounded::new(&id)).record(0.1);
        }
    };
    fill();
    let one = crate::machine::in_use() - before;
    let joined = std::thread::spawn(fill).join();
    let two = crate::machine::in_use() - before;
    (0..100).for_each(|_| fill());
    let later = crate::machine::in_use() - before;
    drop(joined);
    [one, two, later]
}
