//! Determines the receivers of every site, at its first call and again when they change.

use crate::base::sync::lock;
use crate::collect::capture;
use crate::model::site::Site;
use crate::model::spec::{flag, listen};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};

/// The telemetry that `init` turned on.
pub(crate) mod pipeline {
    /// None. Telemetry goes to the application's own subscriber and recorder.
    pub(crate) const OFF: u8 = 0;
    /// Metrics are recorded in the store.
    pub(crate) const METRICS: u8 = 1;
    /// Metrics are recorded in the store, and spans for the pipeline.
    pub(crate) const SPANS: u8 = 2;
}

static PIPELINE: AtomicU8 = AtomicU8::new(pipeline::OFF);
/// Held while a state is determined, so that no state is based on receivers that have changed in the meantime.
static DECIDING: Mutex<()> = Mutex::new(());

/// Returns whether `init` has been called.
#[inline(always)]
pub(crate) fn has_pipeline() -> bool {
    PIPELINE.load(std::sync::atomic::Ordering::Relaxed) != pipeline::OFF
}

/// Sets which telemetry is on: a constant of [`pipeline`].
pub(crate) fn set_pipeline(level: u8) {
    change(|| PIPELINE.store(level, SeqCst));
}

/// Adds a capturing test.
pub(crate) fn add_tap() {
    change(capture::add);
}

/// Removes a capturing test.
pub(crate) fn remove_tap() {
    change(capture::remove);
}

fn change(change: impl FnOnce()) {
    let _deciding = lock(&DECIDING);
    change();
    for site in crate::collect::registry::sites() {
        site.set(listen::NEW, true);
    }
}

/// Determines the receivers of a site, stores them as its state, and returns that.
#[cold]
#[inline(never)]
pub(crate) fn decide(site: &'static Site) -> u32 {
    // The subscriber at which the site is registered may call annotated functions, and the allocator may be one.
    let Some(_mark) = crate::base::reentry::enter_or_count() else {
        return 0;
    };
    if PIPELINE.load(SeqCst) == pipeline::OFF {
        crate::collect::facade::spans::register(site);
    }
    // A forked process does not record sites whose receivers were not determined before the fork.
    let Some(_deciding) = crate::base::fork::lock(&DECIDING) else {
        return 0;
    };
    let traced = site.has(flag::TRACED);
    let level = PIPELINE.load(SeqCst);
    let mut state = 0;
    let mut set = |bit, on: bool| state |= if on { bit } else { 0 };
    set(listen::TEST, capture::taps() > 0);
    set(listen::METRICS, level >= pipeline::METRICS);
    set(listen::SPANS, level >= pipeline::SPANS && traced);
    set(listen::FACADE_METRICS, level == pipeline::OFF);
    set(listen::RARE, level != pipeline::OFF && site.is_rare());
    let keep = if level == pipeline::OFF {
        listen::FACADE_SPAN
    } else {
        0
    };
    let decided = site
        .state
        .fetch_update(SeqCst, SeqCst, |old| Some(state | (old & keep)));
    state | (decided.unwrap_or(0) & keep)
}
