//! The application's `metrics` recorder, through one cached handle for each series.
//!
//! Handles are cached only for the global recorder, which never changes once it is set. A thread-local recorder
//! (`metrics::with_local_recorder`, which tests use) may be gone at the next call, with another one at the same address.

use crate::base::reentry;
use crate::collect::{dropped, store};
use crate::model::change::Change;
use crate::model::drop_reason::DropReason;
use crate::model::family::MetricKind;
use crate::model::site::{ForeignHandle, Owner, Series};
use metrics::{Key, Label, Level, Metadata, Recorder, SharedString, Unit};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Address of the global recorder; zero while unknown.
static GLOBAL: AtomicUsize = AtomicUsize::new(0);

fn address(recorder: &dyn Recorder) -> usize {
    std::ptr::from_ref(recorder).cast::<()>() as usize
}

/// Returns whether there is a recorder. The facade's no-op recorder is zero-sized; a real recorder has state, unless all of
/// it is global.
#[inline]
pub(crate) fn is_present() -> bool {
    metrics::with_recorder(|recorder| size_of_val(recorder) != 0)
}

/// Applies a change to the current recorder of this thread.
pub(crate) fn apply(series: &'static Series, change: Change) {
    if let Change::Set(value) | Change::Adjust(value) | Change::Record(value) = change
        && !value.is_finite()
    {
        return dropped::count(DropReason::NotFinite);
    }
    metrics::with_recorder(|recorder| {
        if size_of_val(recorder) == 0 {
            return;
        }
        // The recorder may call annotated functions.
        let Some(_mark) = reentry::enter_or_count() else {
            return;
        };
        if store::series::is_discarded(series) {
            return;
        }
        if is_global(address(recorder)) {
            let handle = series.foreign.get_or_init(|| register(recorder, series));
            change_by(handle, change);
        } else {
            change_by(&register(recorder, series), change);
        }
    });
}

#[inline]
fn is_global(address: usize) -> bool {
    let known = GLOBAL.load(Relaxed);
    known == address || (known == 0 && find_global() == address)
}

/// Number of attempts to find the global recorder before they become rare.
const EAGER_ATTEMPTS: usize = 8;

/// Finds the global recorder, on a new thread, which has no local recorder. The first calls all try this, and later one call
/// in 1,024. Until it is found, handles are registered at every call, as the macros of `metrics` do.
#[cold]
fn find_global() -> usize {
    static ATTEMPTS: AtomicUsize = AtomicUsize::new(0);
    let attempts = ATTEMPTS.fetch_add(1, Relaxed);
    if attempts > EAGER_ATTEMPTS && !attempts.is_multiple_of(1024) {
        return 0;
    }
    let find = || {
        let _mark = reentry::mark();
        metrics::with_recorder(|recorder| {
            if size_of_val(recorder) == 0 {
                0
            } else {
                address(recorder)
            }
        })
    };
    let thread = std::thread::Builder::new().spawn(find);
    let global = thread.ok().and_then(|t| t.join().ok()).unwrap_or(0);
    GLOBAL.store(global, Relaxed);
    global
}

fn change_by(handle: &ForeignHandle, change: Change) {
    match (handle, change) {
        (ForeignHandle::Counter(counter), Change::Add(n)) => counter.increment(n),
        (ForeignHandle::Gauge(gauge), Change::Set(value)) => gauge.set(value),
        (ForeignHandle::Gauge(gauge), Change::Adjust(by)) => gauge.increment(by),
        // The number of running calls is decremented by adding `u64::MAX`.
        (ForeignHandle::Gauge(gauge), Change::Add(n)) => gauge.increment(n as i64 as f64),
        (ForeignHandle::Histogram(histogram), Change::Record(value)) => histogram.record(value),
        _ => {}
    }
}

/// Describes and registers a series with the recorder.
fn register(recorder: &dyn Recorder, series: &'static Series) -> ForeignHandle {
    let labels: Vec<Label> = series
        .labels()
        .into_iter()
        .map(|(key, value)| Label::new(key, SharedString::from_owned(value.to_owned())))
        .collect();
    let key = Key::from_parts(series.name(), labels);
    let metadata = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
    let name = metrics::KeyName::from_const_str(series.name());
    let (unit, help) = (unit(series.unit()), SharedString::const_str(series.help()));
    match (series.kind, &series.owner) {
        (MetricKind::Gauge, _) | (_, Owner::InFlight(_)) => {
            recorder.describe_gauge(name, unit, help);
            ForeignHandle::Gauge(recorder.register_gauge(&key, &metadata))
        }
        (MetricKind::Counter, _) => {
            recorder.describe_counter(name, unit, help);
            ForeignHandle::Counter(recorder.register_counter(&key, &metadata))
        }
        (MetricKind::Histogram, _) => {
            recorder.describe_histogram(name, unit, help);
            ForeignHandle::Histogram(recorder.register_histogram(&key, &metadata))
        }
    }
}

fn unit(code: &str) -> Option<Unit> {
    match code {
        "s" => Some(Unit::Seconds),
        "By" => Some(Unit::Bytes),
        "%" => Some(Unit::Percent),
        "{item}" => Some(Unit::Count),
        _ => None,
    }
}
