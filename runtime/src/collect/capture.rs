//! The tap by which a test takes everything that its threads report.

use crate::collect::throttle::Throttle;
use crate::model::change::Change;
use crate::model::drop_reason::DropReason;
use crate::model::fields::Fields;
use crate::model::record::Record;
use crate::model::site::Series;
use crate::model::span::{SpanEnd, SpanStart};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tracing::Dispatch;

/// Takes everything that is reported where it is put (see [`swap_tap`]).
pub(crate) trait Tap: Send + Sync {
    fn start(&self, start: SpanStart, fields: Fields);
    fn end(&self, end: SpanEnd);
    fn metric(&self, series: &'static Series, change: Change);
    fn record(&self, record: Record);
    fn lost(&self, reason: DropReason);
    /// Its own storm control.
    fn throttle(&self) -> &Throttle;
    /// Takes log lines and foreign spans of the threads it is put on.
    fn dispatch(&self) -> &Dispatch;
}

/// How many tests capture now.
static TAPS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static TAP: RefCell<Option<Arc<dyn Tap>>> = const { RefCell::new(None) };
}

/// How many tests capture now.
#[inline(always)]
pub(crate) fn taps() -> usize {
    TAPS.load(Ordering::Relaxed)
}

/// One more test captures. Sites decide anew afterwards: see `dispatch::add_tap`.
pub(super) fn add() {
    TAPS.fetch_add(1, Ordering::SeqCst);
}

/// One test less.
pub(super) fn remove() {
    TAPS.fetch_sub(1, Ordering::SeqCst);
}

/// This thread's tap. Without any tap in the process: one load.
pub(crate) fn listening() -> Option<Arc<dyn Tap>> {
    if taps() == 0 { None } else { tap() }
}

/// The tap of this thread; `None` on a thread that is ending.
pub(crate) fn tap() -> Option<Arc<dyn Tap>> {
    let tap = |tap: &RefCell<Option<Arc<dyn Tap>>>| tap.try_borrow().ok()?.clone();
    TAP.try_with(tap).ok().flatten()
}

/// Puts a tap on this thread; returns the one before.
pub(crate) fn swap_tap(new: Option<Arc<dyn Tap>>) -> Option<Arc<dyn Tap>> {
    let swap = |tap: &RefCell<Option<Arc<dyn Tap>>>| {
        let mut tap = tap.try_borrow_mut().ok()?;
        std::mem::replace(&mut *tap, new)
    };
    TAP.try_with(swap).ok().flatten()
}
