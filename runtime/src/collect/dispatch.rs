//! Who listens: decides the state of every site, and again when that changes.

use crate::base::sync::lock;
use crate::collect::capture;
use crate::model::site::Site;
use crate::model::spec::{flag, listen};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};

/// What `init` turned on.
pub(crate) mod pipeline {
    /// Nothing: records go to the facades.
    pub(crate) const OFF: u8 = 0;
    /// Metrics are kept in the store.
    pub(crate) const METRICS: u8 = 1;
    /// And spans are recorded.
    pub(crate) const SPANS: u8 = 2;
}

static PIPELINE: AtomicU8 = AtomicU8::new(pipeline::OFF);
/// Held while a state is decided, so that none is decided on what no longer holds.
static DECIDING: Mutex<()> = Mutex::new(());

/// Whether `init` has been called.
#[inline(always)]
pub(crate) fn has_pipeline() -> bool {
    PIPELINE.load(std::sync::atomic::Ordering::Relaxed) != pipeline::OFF
}

pub(crate) fn set_pipeline(level: u8) {
    change(|| PIPELINE.store(level, SeqCst));
}

pub(crate) fn add_tap() {
    change(capture::add);
}

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

/// Decides a site's state.
#[cold]
#[inline(never)]
pub(crate) fn decide(site: &'static Site) -> u32 {
    // A subscriber that hears of the site may call annotated functions, and the allocator may be one.
    let Some(_mark) = crate::base::reentry::enter_or_lose() else {
        return 0;
    };
    if PIPELINE.load(SeqCst) == pipeline::OFF {
        crate::collect::facade::spans::register(site);
    }
    // A process that was forked off records nothing by sites that were not decided before.
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
