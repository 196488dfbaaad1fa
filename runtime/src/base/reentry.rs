//! Calls and numbers from inside telemetry itself: an annotated allocator that we ask for memory, a subscriber or a
//! recorder of the application's that calls annotated functions.
//!
//! What allocates while it holds a lock or makes something that is made once, and what runs the application's own
//! receivers, marks its thread. What comes in between would wait for itself, or come back without an end: it is left out
//! and counted.

use crate::base::drop_counts;
use crate::model::drop_reason::DropReason;
use std::cell::Cell;
use std::thread::LocalKey;

thread_local! {
    static MARKED: Cell<bool> = const { Cell::new(false) };
    static DEPTH: Cell<u8> = const { Cell::new(0) };
    static RECORDS: Cell<u8> = const { Cell::new(0) };
}

/// How many values may record values while they are formatted, one within the other.
const MOST_NESTED: u8 = 4;
/// How many events, reports and notes may be put together, one within the other: a value of one may make another.
const MOST_RECORDS: u8 = 2;

/// Marks this thread until it is dropped.
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

/// The same, and counts what is left out.
pub(crate) fn enter_or_lose() -> Option<Mark> {
    let mark = enter();
    if mark.is_none() {
        lose();
    }
    mark
}

/// Whether telemetry itself is at work on this thread.
#[inline]
pub(crate) fn is_marked() -> bool {
    MARKED.get()
}

/// Counts what is left out. Not a test's: whose lock may be held.
#[cold]
pub(crate) fn lose() {
    drop_counts::add(DropReason::Reentrant, 1);
}

/// One within others, until it is dropped.
#[must_use = "it ends when this is dropped"]
pub(crate) struct Nested(&'static LocalKey<Cell<u8>>);

impl Drop for Nested {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

fn nested(depth: &'static LocalKey<Cell<u8>>, most: u8) -> Option<Nested> {
    if depth.get() == most {
        lose();
        return None;
    }
    depth.set(depth.get() + 1);
    Some(Nested(depth))
}

/// Values are formatted, which may record values themselves; `None`: too many within each other.
pub(crate) fn values() -> Option<Nested> {
    nested(&DEPTH, MOST_NESTED)
}

/// An event, a report or a note is put together. An allocator that makes one makes it for each part of it.
pub(crate) fn record() -> Option<Nested> {
    nested(&RECORDS, MOST_RECORDS)
}
