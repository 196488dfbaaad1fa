//! Running a call's body.

use super::call::Call;
use crate::model::fault::Verdict;
use crate::model::outcome::Outcome;
use crate::trace::context::Current;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A call on top of the stack, until it ends or unwinds.
struct Running {
    call: Call,
    before: Current,
}

impl Running {
    #[inline(always)]
    fn begin(mut call: Call) -> Self {
        let before = call.push();
        Self { call, before }
    }

    #[inline(always)]
    fn end(mut self, verdict: Verdict<'_>) {
        let outcome = match verdict {
            Verdict::Ok => Outcome::Ok,
            Verdict::Error(_) => Outcome::Error,
        };
        self.call.end(verdict, outcome);
    }
}

impl Drop for Running {
    #[inline(always)]
    fn drop(&mut self) {
        if self.call.listen != 0 {
            self.unwound();
        }
        self.call.pop(self.before);
    }
}

impl Running {
    #[cold]
    #[inline(never)]
    fn unwound(&mut self) {
        self.call.end(Verdict::Ok, Outcome::Panicked);
    }
}

/// Runs the body of a function.
#[inline(always)]
pub fn run<R>(call: Call, body: impl FnOnce() -> R, look: impl FnOnce(&R) -> Verdict<'_>) -> R {
    if call.listen == 0 {
        return body();
    }
    let running = Running::begin(call);
    let out = body();
    let verdict = look(&out);
    running.end(verdict);
    out
}

/// Measures until it is dropped; for bodies whose result cannot be looked at.
#[must_use = "the call ends when this is dropped"]
pub struct Guard(Option<Running>);

impl Call {
    /// Measures the call until the guard is dropped.
    #[inline]
    pub fn guard(self) -> Guard {
        Guard((self.listen != 0).then(|| Running::begin(self)))
    }
}

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {
        if let Some(running) = self.0.take()
            && !std::thread::panicking()
        {
            running.end(Verdict::Ok);
        }
    }
}

/// The call of a future. Dropped before the future is: a future dropped unfinished drops what it holds within its call.
pub(super) struct Opening {
    pub(super) call: Call,
}

/// Dropped after the future.
#[derive(Default)]
pub(super) struct Closing {
    /// The call has begun and not ended.
    armed: bool,
}

thread_local! {
    /// Calls whose futures are being dropped.
    static DROPPING: std::cell::RefCell<Vec<(Call, Current)>> = const { std::cell::RefCell::new(Vec::new()) };
}

impl Drop for Opening {
    fn drop(&mut self) {
        if self.call.listen == 0 {
            return;
        }
        if !self.call.begun {
            return self.call.discard();
        }
        self.call.bring_scope();
        let before = self.call.push();
        let site = self.call.site;
        let call = std::mem::replace(&mut self.call, Call::off(site));
        let keep =
            |dropping: &std::cell::RefCell<Vec<_>>| dropping.borrow_mut().push((call, before));
        let _ = DROPPING.try_with(keep);
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        let take =
            |dropping: &std::cell::RefCell<Vec<(Call, Current)>>| dropping.borrow_mut().pop();
        if let Some((mut call, before)) = DROPPING.try_with(take).ok().flatten() {
            call.end_dropped();
            call.pop(before);
        }
    }
}

/// One poll of a future or stream: its call is on top until the poll returns or unwinds.
pub(super) struct Polling<'a> {
    opening: &'a mut Opening,
    closing: &'a mut Closing,
    before: Current,
    /// The poll did not unwind.
    returned: bool,
}

impl<'a> Polling<'a> {
    #[inline(always)]
    pub(super) fn begin(opening: &'a mut Opening, closing: &'a mut Closing) -> Self {
        closing.armed = true;
        opening.call.bring_scope();
        let before = opening.call.push();
        Self {
            opening,
            closing,
            before,
            returned: false,
        }
    }

    /// It will be polled again.
    #[inline(always)]
    pub(super) fn suspend(mut self) {
        self.returned = true;
        crate::trace::context::set_just_reported(false);
    }

    /// It has ended.
    #[inline(always)]
    pub(super) fn end(mut self, verdict: Verdict<'_>) {
        self.returned = true;
        self.closing.armed = false;
        let outcome = match verdict {
            Verdict::Ok => Outcome::Ok,
            Verdict::Error(_) => Outcome::Error,
        };
        self.opening.call.end(verdict, outcome);
    }
}

impl Drop for Polling<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.returned {
            self.closing.armed = false;
            self.opening.call.end(Verdict::Ok, Outcome::Panicked);
        }
        self.opening.call.pop(self.before);
        if self.opening.call.listen == 0 {
            self.opening.call.extra = None;
        }
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

/// Runs the body of an async function.
#[inline(always)]
pub fn run_async<F, L>(call: Call, future: F, look: L) -> Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    Observed {
        opening: Opening { call },
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
        if this.opening.call.listen == 0 {
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
                polling.end(verdict);
                Poll::Ready(out)
            }
        }
    }
}

/// Runs a function that returns a future: what it does at once and the future are one call.
#[inline]
pub fn run_future<F, L>(mut call: Call, body: impl FnOnce() -> F, look: L) -> Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    let future = eagerly(&mut call, body);
    run_async(call, future, look)
}

/// The part of a body that runs before its future is polled. Its unwinding ends the call.
pub(super) fn eagerly<T>(call: &mut Call, body: impl FnOnce() -> T) -> T {
    struct Eager<'a>(&'a mut Call, Current, bool);
    impl Drop for Eager<'_> {
        fn drop(&mut self) {
            if self.2 {
                // Only the poll begins a future.
                self.0.begun = false;
            } else {
                self.0.end(Verdict::Ok, Outcome::Panicked);
            }
            self.0.pop(self.1);
        }
    }
    if call.listen == 0 {
        return body();
    }
    let before = call.push();
    let mut eager = Eager(call, before, false);
    let out = body();
    eager.2 = true;
    drop(eager);
    out
}
