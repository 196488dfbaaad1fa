//! Runs a generated function with every input, and futures for a number of polls.

use super::Show;
use super::notes::{INPUT, LINES, LOOK, Look, STACK, note};
use futures_core::Stream;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::pin::Pin;
use std::sync::Once;
use std::task::{Context, Poll, Waker};

/// What was seen of one call.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// Its input and how it was driven.
    pub how: String,
    /// What happened, in order.
    pub lines: Vec<String>,
    /// How deep the stack was.
    pub stack: usize,
    /// What was seen of what it returned.
    pub look: Look,
}

/// How a future is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drive {
    /// To its end.
    Whole,
    /// Dropped after so many polls.
    Polls(u32),
    /// Dropped after one poll by a panic of somebody else.
    Unwinding,
}

/// What is run of a function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub(super) input: u32,
    pub(super) drive: Drive,
}

/// Wraps one call.
pub(super) type Around<'a> = &'a mut dyn FnMut(&mut dyn FnMut());

thread_local! {
    static ROUND: Cell<Round> = const { Cell::new(Round { input: 0, drive: Drive::Whole }) };
    static HEARING: Cell<bool> = const { Cell::new(false) };
    static TWIN: RefCell<(&'static str, u32)> = const { RefCell::new(("", 0)) };
}

/// Runs one call of a twin, `run`, and tells what was seen.
pub(super) fn one(run: fn(), round: Round, around: Around<'_>) -> Call {
    hear_panics();
    INPUT.set(round.input);
    ROUND.set(round);
    LINES.take();
    LOOK.take();
    HEARING.set(true);
    around(&mut || run());
    HEARING.set(false);
    Call {
        how: format!("input {}, {:?}", round.input, round.drive),
        lines: LINES.take(),
        stack: STACK.get().1,
        look: LOOK.take(),
    }
}

/// Panics are written down with their places, those in a twin's file by their distance from its first line.
fn hear_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |info| {
            if !HEARING.try_with(Cell::get).unwrap_or(false) {
                return others(info);
            }
            let message = info.payload_as_str().unwrap_or("?");
            let place = info
                .location()
                .map_or_else(String::new, |at| place(at.file(), at.line(), at.column()));
            note(format!("panic `{message}` at {place}"));
        }));
    });
}

/// A place in a source file, told so that both twins tell the same.
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

/// Writes down where somebody was called from.
#[track_caller]
pub fn note_caller() {
    note_place(std::panic::Location::caller());
}

/// Writes down a place.
pub fn note_place(at: &std::panic::Location<'_>) {
    note(format!(
        "called from {}",
        place(at.file(), at.line(), at.column())
    ));
}

/// Runs a function that is no future. Each twin calls it with its place.
pub fn calls(file: &'static str, base: u32, each: &mut dyn FnMut() -> String) {
    TWIN.set((file, base));
    let here = 0_u8;
    STACK.set((std::ptr::from_ref(std::hint::black_box(&here)) as usize, 0));
    match catch_unwind(AssertUnwindSafe(each)) {
        Ok(value) => note(format!("returned {value}")),
        Err(_) => note("unwound"),
    }
}

/// Runs a future as this round wants it. The text of its value, or that it was cancelled.
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
    assert!(drive != Drive::Unwinding, "somebody else");
    String::from("cancelled")
}

/// Runs a stream as this round wants it. The texts of its items.
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
    assert!(drive != Drive::Unwinding, "somebody else");
    format!("{} cancelled", items.join(" "))
}
