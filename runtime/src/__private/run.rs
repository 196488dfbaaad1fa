//! Running a call's body.

use super::call::Call;
use super::end;
use super::opening::{Closing, Opening, Polling};
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
    let unwound = Unwound(call.listen);
    let out = body(args);
    std::mem::forget(unwound);
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
        match this.future.poll(cx) {
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
    let future = eagerly(&call, args, body);
    Observed {
        opening: Opening::take(call),
        future,
        look: Some(look),
        closing: Closing::default(),
    }
}

/// The part of a body that runs before its future is polled. Its unwinding ends the call.
#[inline]
pub(super) fn eagerly<A, T>(call: &Call, args: A, body: impl FnOnce(A) -> T) -> T {
    let unwound = Unwound(call.listen);
    let out = body(args);
    std::mem::forget(unwound);
    out
}
