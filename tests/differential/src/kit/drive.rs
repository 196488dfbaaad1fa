//! Runs a generated function with one input, and futures for a number of polls.

use super::Show;
use super::notes::{INPUT, LINES, STACK, VALUE_INFO, ValueInfo, note};
use futures_core::Stream;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::pin::Pin;
use std::sync::Once;
use std::task::{Context, Poll, Waker};

/// The observations of one call.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// Its input and drive, as text.
    pub how: String,
    /// The notes, in order.
    pub lines: Vec<String>,
    /// The depth of the stack in bytes.
    pub stack: usize,
    /// Size and traits of the returned value.
    pub value_info: ValueInfo,
}

/// How a future is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drive {
    /// Polled to its end.
    Whole,
    /// Dropped after so many polls.
    Polls(u32),
    /// Dropped after one poll by a panic outside of the call.
    Unwinding,
}

/// One run of a function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub(super) input: u32,
    pub(super) drive: Drive,
}

/// Wraps one call.
pub(super) type Around<'a> = &'a mut dyn FnMut(&mut dyn FnMut());

thread_local! {
    static ROUND: Cell<Round> = const { Cell::new(Round { input: 0, drive: Drive::Whole }) };
    static RECORDS_PANICS: Cell<bool> = const { Cell::new(false) };
    static TWIN: RefCell<(&'static str, u32)> = const { RefCell::new(("", 0)) };
}

/// Runs one call of a twin and returns its observations.
pub(super) fn one(run: fn(), round: Round, around: Around<'_>) -> Call {
    install_panic_hook();
    INPUT.set(round.input);
    ROUND.set(round);
    LINES.take();
    VALUE_INFO.take();
    RECORDS_PANICS.set(true);
    around(&mut || run());
    RECORDS_PANICS.set(false);
    Call {
        how: format!("input {}, {:?}", round.input, round.drive),
        lines: LINES.take(),
        stack: STACK.get().1,
        value_info: VALUE_INFO.take(),
    }
}

/// Installs a hook that notes panics with their locations, relative to the first line of the twin.
fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |info| {
            if !RECORDS_PANICS.try_with(Cell::get).unwrap_or(false) {
                return others(info);
            }
            let payload = info.payload();
            let message = payload.downcast_ref::<&str>().copied();
            let message = message.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            let message = message.unwrap_or("?");
            let place = info
                .location()
                .map_or_else(String::new, |at| place(at.file(), at.line(), at.column()));
            note(format!("panic `{message}` at {place}"));
        }));
    });
}

/// A source location in a format that is the same for both twins.
#[must_use]
fn place(file: &str, line: u32, column: u32) -> String {
    let (own, base) = TWIN.with_borrow(Clone::clone);
    if file == own {
        format!("line {}:{column}", line.wrapping_sub(base))
    } else {
        format!(
            "{}:{line}:{column}",
            file.rsplit('/').next().unwrap_or(file)
        )
    }
}

/// Notes the location of the caller.
#[track_caller]
pub fn note_caller() {
    note_place(std::panic::Location::caller());
}

/// Notes a location.
pub fn note_place(at: &std::panic::Location<'_>) {
    note(format!(
        "called from {}",
        place(at.file(), at.line(), at.column())
    ));
}

/// Calls the function of a twin in the given file, whose first line is `base`.
pub fn calls(file: &'static str, base: u32, each: &mut dyn FnMut() -> String) {
    TWIN.set((file, base));
    let here = 0_u8;
    STACK.set((std::ptr::from_ref(std::hint::black_box(&here)) as usize, 0));
    match catch_unwind(AssertUnwindSafe(each)) {
        Ok(value) => note(format!("returned {value}")),
        Err(_) => note("unwound"),
    }
}

/// Drives a future according to the round; returns the text of its value, or `cancelled`.
pub fn futures(mut future: Pin<&mut dyn Future<Output = String>>) -> String {
    let mut cx = Context::from_waker(Waker::noop());
    let drive = ROUND.get().drive;
    let most = match drive {
        Drive::Whole => 100,
        Drive::Polls(n) => n,
        Drive::Unwinding => 1,
    };
    for _ in 0..most {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
    assert!(drive != Drive::Unwinding, "another panic");
    String::from("cancelled")
}

/// Drives a stream according to the round; returns the texts of its items.
pub fn streams<T: Show>(mut stream: Pin<&mut dyn Stream<Item = T>>) -> String {
    let mut cx = Context::from_waker(Waker::noop());
    let drive = ROUND.get().drive;
    let most = match drive {
        Drive::Whole => 100,
        Drive::Polls(n) => n,
        Drive::Unwinding => 1,
    };
    let mut items = Vec::new();
    for _ in 0..most {
        match stream.as_mut().poll_next(&mut cx) {
            Poll::Ready(Some(item)) => items.push(item.show()),
            Poll::Ready(None) => return items.join(" "),
            Poll::Pending => {}
        }
    }
    assert!(drive != Drive::Unwinding, "another panic");
    format!("{} cancelled", items.join(" "))
}
