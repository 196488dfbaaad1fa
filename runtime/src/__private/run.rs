//! Running a call's body.

use super::call::Call;
use super::opening::{Closing, Opening, Polling};
use super::{end, kept};
use crate::model::fault::Verdict;
use crate::model::outcome::Outcome;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Ends the call when its body unwinds, if anybody listens.
struct Unwound(u32);

impl Drop for Unwound {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0 != 0 {
            end::ended_without_value(Outcome::Panicked);
        }
    }
}

#[inline(always)]
pub(super) fn end(verdict: &Verdict<'_>) {
    match verdict {
        Verdict::Ok => end::returned_ok(),
        Verdict::Error(_) => end::returned_error(verdict),
    }
}

/// Runs the body of a function. The arguments are the body's parameters, so that they are dropped as a function's are.
#[inline(always)]
pub fn run<A, R>(
    call: Call,
    args: A,
    body: impl FnOnce(A) -> R,
    look: impl FnOnce(&R) -> Verdict<'_>,
) -> R {
    // One call of the body, whether or not anybody listens: two would be inlined twice.
    let (out, look) = eagerly(&call, args, body, look);
    if call.listen != 0 {
        end(&look(&out));
    }
    out
}

/// Measures until it is dropped; for bodies whose result cannot be looked at.
#[must_use = "the call ends when this is dropped"]
#[derive(Debug)]
pub struct Guard(bool);

impl Call {
    /// Measures the call until the guard is dropped.
    #[inline(always)]
    pub fn guard(self) -> Guard {
        Guard(self.listen != 0)
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0 {
            drop_guard();
        }
    }
}

#[inline(never)]
fn drop_guard() {
    if std::thread::panicking() {
        end::ended_without_value(Outcome::Panicked);
    } else {
        end::returned_ok();
    }
}

pin_project_lite::pin_project! {
    /// The future of an annotated call.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Observed<F, L> {
        // The order of the fields is the order of their drops.
        opening: Opening,
        #[pin]
        future: F,
        look: Option<L>,
        closing: Closing,
    }
}

impl<F, L> std::fmt::Debug for Observed<F, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observed").finish_non_exhaustive()
    }
}

/// Runs the body of an async function. To be awaited at once.
#[inline(always)]
pub fn run_async<F, L>(call: Call, future: F, look: L) -> Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    Observed {
        opening: Opening::left(call),
        future,
        look: Some(look),
        closing: Closing::default(),
    }
}

impl<F, L> Future for Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if this.opening.is_quiet() {
            return this.future.poll(cx);
        }
        let polling = Polling::begin(this.opening, this.closing);
        let unwinding = Unwinding::of(this.look);
        let polled = this.future.poll(cx);
        std::mem::forget(unwinding);
        match polled {
            Poll::Pending => {
                polling.suspend();
                Poll::Pending
            }
            Poll::Ready(out) => {
                let verdict = this.look.take().map_or(Verdict::Ok, |look| look(&out));
                polling.end(&verdict);
                Poll::Ready(out)
            }
        }
    }
}

/// Runs a function that returns a future: what it does at once and the future are one call.
#[inline]
pub fn run_future<A, F, L>(
    call: Call,
    args: A,
    body: impl FnOnce(A) -> F,
    look: L,
) -> Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    let (future, look) = eagerly(&call, args, body, look);
    Observed {
        opening: Opening::take(call),
        future,
        look: Some(look),
        closing: Closing::default(),
    }
}

/// A body, or the part of it that runs before its future is polled. Its unwinding ends the call: when what the look
/// holds is dropped.
#[inline(always)]
pub(super) fn eagerly<A, T, L>(call: &Call, args: A, body: impl FnOnce(A) -> T, look: L) -> (T, L) {
    let unwound = Unwound(call.listen);
    // Declared in the opposite order of their drops.
    let look = look;
    let failing = Failing(call.listen != 0 && std::mem::needs_drop::<L>());
    let out = body(args);
    std::mem::forget(failing);
    std::mem::forget(unwound);
    (out, look)
}

/// Marks the call on top of the stack when its body unwinds, where the look would hear of it.
struct Failing(bool);

impl Drop for Failing {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0 {
            kept::mark_failed();
        }
    }
}

/// Drops the look of a call whose poll unwinds: before the call ends.
pub(super) struct Unwinding<'a, L>(&'a mut Option<L>);

impl<'a, L> Unwinding<'a, L> {
    #[inline(always)]
    pub(super) fn of(look: &'a mut Option<L>) -> Self {
        Self(look)
    }
}

impl<L> Drop for Unwinding<'_, L> {
    #[inline(always)]
    fn drop(&mut self) {
        if std::mem::needs_drop::<L>() {
            kept::mark_failed();
            *self.0 = None;
        }
    }
}
