//! What is written down while a function runs.

use std::cell::{Cell, RefCell};

/// How many inputs a function is run with: 0 goes through, 1 fails, 2 panics, 3 takes the other branches.
pub const INPUTS: u32 = 4;
/// The input at which expressions of attributes panic.
pub const TRIP: u32 = 4;

thread_local! {
    pub(super) static INPUT: Cell<u32> = const { Cell::new(0) };
    pub(super) static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    pub(super) static STACK: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    pub(super) static LOOK: RefCell<Look> = const { RefCell::new(Look { size: 0, traits: String::new() }) };
}

/// What is seen of a returned value without running it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// In bytes.
    pub size: usize,
    /// Of `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` those that it has.
    pub traits: String,
}

/// What the running function is to do.
#[must_use]
pub fn input() -> u32 {
    INPUT.get()
}

/// Writes down that something happened.
pub fn note(line: impl Into<String>) {
    LINES.with_borrow_mut(|lines| lines.push(line.into()));
}

/// What was written down since it was last asked for.
#[must_use]
pub fn lines() -> Vec<String> {
    LINES.take()
}

/// Writes a sum down, and returns nothing: the last expression of functions without a value.
pub fn told(sum: u64) {
    note(format!("sum {sum}"));
}

/// Panics if the input says so: for expressions in attributes.
#[must_use]
pub fn trip() -> u32 {
    assert!(input() != TRIP, "tripped");
    1
}

/// As [`trip`], about something.
#[must_use]
pub fn trips<T>(_: &T) -> bool {
    trip() == 0
}

/// Writes down how deep the stack is here.
#[inline(never)]
pub fn stack() {
    let here = 0_u8;
    let address = std::ptr::from_ref(std::hint::black_box(&here)) as usize;
    let (from, deepest) = STACK.get();
    STACK.set((from, deepest.max(from.saturating_sub(address))));
}

/// Writes down what is seen of a value: by `measure!`.
pub fn seen(size: usize, traits: String) {
    LOOK.set(Look { size, traits });
}
