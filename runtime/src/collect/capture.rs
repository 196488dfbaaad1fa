//! Capturing by tests: a tap receives all telemetry of the threads on which it is installed.

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

/// Receives the telemetry of the threads on which it is installed with [`swap_tap`].
pub(crate) trait Tap: Send + Sync {
    fn start(&self, start: SpanStart, fields: Fields);
    fn end(&self, end: SpanEnd);
    fn metric(&self, series: &'static Series, change: Change);
    fn record(&self, record: Record);
    fn lost(&self, reason: DropReason);
    /// Returns its own throttle.
    fn throttle(&self) -> &Throttle;
    /// Returns the dispatcher that receives log lines and foreign spans of its threads.
    fn dispatch(&self) -> &Dispatch;
}

/// Number of tests that are capturing.
static TAPS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static TAP: RefCell<Option<Arc<dyn Tap>>> = const { RefCell::new(None) };
}

/// Returns the number of tests that are capturing.
#[inline(always)]
pub(crate) fn taps() -> usize {
    TAPS.load(Ordering::Relaxed)
}

/// Adds a capturing test. The receivers of sites must be determined again afterwards: see `dispatch::add_tap`.
pub(super) fn add() {
    TAPS.fetch_add(1, Ordering::SeqCst);
}

/// Removes a capturing test.
pub(super) fn remove() {
    TAPS.fetch_sub(1, Ordering::SeqCst);
}

/// Returns this thread's tap. If the process has no taps, this is a single load.
pub(crate) fn listening() -> Option<Arc<dyn Tap>> {
    if taps() == 0 { None } else { tap() }
}

/// Returns this thread's tap. Returns `None` on a thread that is ending.
pub(crate) fn tap() -> Option<Arc<dyn Tap>> {
    let tap = |tap: &RefCell<Option<Arc<dyn Tap>>>| tap.try_borrow().ok()?.clone();
    TAP.try_with(tap).ok().flatten()
}

/// Installs a tap on this thread and returns the previous one.
pub(crate) fn swap_tap(new: Option<Arc<dyn Tap>>) -> Option<Arc<dyn Tap>> {
    let swap = |tap: &RefCell<Option<Arc<dyn Tap>>>| {
        let mut tap = tap.try_borrow_mut().ok()?;
        std::mem::replace(&mut *tap, new)
    };
    TAP.try_with(swap).ok().flatten()
}
