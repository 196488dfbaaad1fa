//! Notes about what happens while a function runs.

use std::cell::{Cell, RefCell};

/// The number of inputs: 0 succeeds, 1 fails, 2 panics, 3 takes the other branches.
pub const INPUTS: u32 = 4;
/// The input at which expressions of attributes panic.
pub const TRIP: u32 = 4;

thread_local! {
    pub(super) static INPUT: Cell<u32> = const { Cell::new(0) };
    pub(super) static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    pub(super) static STACK: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    pub(super) static VALUE_INFO: RefCell<ValueInfo> = const { RefCell::new(ValueInfo { size: 0, traits: String::new() }) };
}

/// The static properties of a returned value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueInfo {
    /// Its size in bytes.
    pub size: usize,
    /// Those of `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` that it implements.
    pub traits: String,
}

/// The input of the running function.
#[must_use]
pub fn input() -> u32 {
    INPUT.get()
}

/// Adds a note.
pub fn note(line: impl Into<String>) {
    LINES.with_borrow_mut(|lines| lines.push(line.into()));
}

/// Takes the notes since the last call.
#[must_use]
pub fn lines() -> Vec<String> {
    LINES.take()
}

/// Notes a sum. The last expression of functions without a value.
pub fn note_sum(sum: u64) {
    note(format!("sum {sum}"));
}

/// Panics at input [`TRIP`]. Used in expressions of attributes.
#[must_use]
pub fn trip() -> u32 {
    assert!(input() != TRIP, "tripped");
    1
}

/// Like [`trip`], with an argument.
#[must_use]
pub fn trips<T>(_: &T) -> bool {
    trip() == 0
}

/// Notes the depth of the stack.
#[inline(never)]
pub fn stack() {
    let here = 0_u8;
    let address = std::ptr::from_ref(std::hint::black_box(&here)) as usize;
    let (from, deepest) = STACK.get();
    STACK.set((from, deepest.max(from.saturating_sub(address))));
}

/// Notes the properties of a value. Called by `measure!`.
pub fn seen(size: usize, traits: String) {
    VALUE_INFO.set(ValueInfo { size, traits });
}
