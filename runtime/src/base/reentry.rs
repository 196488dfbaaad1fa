//! Detection of reentrant telemetry: calls and measurements made while this library is running on the same thread, by an
//! annotated allocator from which it allocates, or by the application's own subscriber or recorder.
//!
//! Code that allocates while it holds a lock or initializes a static, and code that calls the application's receivers,
//! marks its thread. Telemetry from a marked thread would deadlock or recurse without end, so it is dropped and counted.

use crate::base::drop_counts;
use crate::model::drop_reason::DropReason;
use std::cell::Cell;
use std::thread::LocalKey;

thread_local! {
    static MARKED: Cell<bool> = const { Cell::new(false) };
    static DEPTH: Cell<u8> = const { Cell::new(0) };
    static RECORDS: Cell<u8> = const { Cell::new(0) };
}

/// Maximum nesting of values that record values while they are formatted.
const MAX_NESTED: u8 = 4;
/// Maximum nesting of events, reports and breadcrumbs, because formatting a value of one may emit another.
const MAX_RECORDS: u8 = 2;

/// Keeps the thread marked until it is dropped.
#[must_use = "the mark ends when this is dropped"]
pub(crate) struct Mark {
    before: bool,
}

impl Drop for Mark {
    fn drop(&mut self) {
        MARKED.set(self.before);
    }
}

/// Marks the thread.
pub(crate) fn mark() -> Mark {
    Mark {
        before: MARKED.replace(true),
    }
}

/// Marks the thread, unless it is marked.
pub(crate) fn enter() -> Option<Mark> {
    (!is_marked()).then(mark)
}

/// Marks the thread like [`enter`], and counts a dropped item if it is marked already.
pub(crate) fn enter_or_count() -> Option<Mark> {
    let mark = enter();
    if mark.is_none() {
        count_dropped();
    }
    mark
}

/// Returns whether the library is running on this thread.
#[inline]
pub(crate) fn is_marked() -> bool {
    MARKED.get()
}

/// Counts a dropped item. It counts for the process rather than for a capturing test, whose lock may be held.
#[cold]
pub(crate) fn count_dropped() {
    drop_counts::add(DropReason::Reentrant, 1);
}

/// A level of nesting, left when it is dropped.
#[must_use = "it ends when this is dropped"]
pub(crate) struct Nested(&'static LocalKey<Cell<u8>>);

impl Drop for Nested {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

fn nested(depth: &'static LocalKey<Cell<u8>>, most: u8) -> Option<Nested> {
    if depth.get() == most {
        count_dropped();
        return None;
    }
    depth.set(depth.get() + 1);
    Some(Nested(depth))
}

/// Enters the formatting of values, which may record values themselves. Returns `None` if they are nested too deeply.
pub(crate) fn values() -> Option<Nested> {
    nested(&DEPTH, MAX_NESTED)
}

/// Enters the construction of an event, a report or a breadcrumb. Returns `None` if they are nested too deeply, as for an
/// allocator that emits one for each of its allocations.
pub(crate) fn record() -> Option<Nested> {
    nested(&RECORDS, MAX_RECORDS)
}
