//! What an expansion does with a call around the body of a function.
//!
//! The body stands in a closure (or an async block) that is called where it is written, so that what it captures, the
//! order in which that is dropped, and its copies are the expansion's to choose. The functions here are told of what
//! comes out.

use super::call::Call;
use super::end;
use super::polling::Polling;
use super::suspended_call::{DropGuard, SuspendedCall};
use crate::model::fault::Verdict;
use crate::model::outcome::Outcome;
use std::marker::PhantomData;
use std::ops::Deref;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The type of a body's value. A `return` of it at the top of the function, and one at the top of the body, tell the
/// compiler the declared type before it reads the body, in every form: elided lifetimes, `impl Trait` within it, `Self`.
///
/// It is moved into the body, which makes the body's closure an `FnOnce`: what is returned may borrow from what was captured.
pub struct Slot<R>(PhantomData<fn() -> R>);

impl<R> Slot<R> {
    /// Never called: says that the function returns the slot's type.
    #[must_use]
    pub fn declared(&self) -> R {
        unreachable!("stands behind `if false`")
    }

    /// Never called: says that the body returns the slot's type.
    #[must_use]
    pub fn returned(self) -> R {
        unreachable!("stands behind `if false`")
    }
}

impl<P: Deref<Target: Future>> Slot<P> {
    /// The slot of what a boxed future yields.
    #[inline(always)]
    #[must_use]
    pub const fn output(self) -> Slot<<P::Target as Future>::Output> {
        slot()
    }
}

/// A slot whose type is inferred.
#[inline(always)]
#[must_use]
pub const fn slot<R>() -> Slot<R> {
    Slot(PhantomData)
}

/// A slot for a future that yields `T`.
#[inline(always)]
#[must_use]
pub const fn future_slot<T, F: Future<Output = T>>() -> Slot<F> {
    Slot(PhantomData)
}

/// A slot for a future.
#[inline(always)]
#[must_use]
pub const fn any_future_slot<F: Future>() -> Slot<F> {
    Slot(PhantomData)
}

/// Measures until it is dropped; for bodies whose value is not looked at, which stay in their place.
#[must_use = "the call ends when this is dropped"]
#[derive(Debug)]
pub struct Guard {
    heard: bool,
    /// The thread unwound already when the call began: within the `Drop` of something.
    unwinding: bool,
}

impl Call {
    /// Measures the call until the guard is dropped.
    #[inline(always)]
    pub fn guard(self) -> Guard {
        let heard = self.into_listen() != 0;
        Guard {
            heard,
            unwinding: heard && std::thread::panicking(),
        }
    }
}

impl Guard {
    /// Whether the body unwinds.
    #[inline(always)]
    pub(super) fn is_unwinding(&self) -> bool {
        std::thread::panicking() && !self.unwinding
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        if self.heard {
            drop_guard(self.is_unwinding());
        }
    }
}

#[inline(never)]
fn drop_guard(unwinding: bool) {
    if unwinding {
        end::ended_without_value(Outcome::Panicked);
    } else {
        end::returned(&Verdict::Ok);
    }
}

pin_project_lite::pin_project! {
    /// The future of an annotated call.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Observed<F, L> {
        // The order of the fields is the order of their drops.
        opening: SuspendedCall,
        #[pin]
        future: F,
        look: Option<L>,
        closing: DropGuard,
    }
}

// What is ours in it is never left half-changed by an unwinding poll, and nobody else can reach it.
impl<F: UnwindSafe, L> UnwindSafe for Observed<F, L> {}
impl<F: RefUnwindSafe, L> RefUnwindSafe for Observed<F, L> {}

impl<F, L> std::fmt::Debug for Observed<F, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observed").finish_non_exhaustive()
    }
}

pin_project_lite::pin_project! {
    /// The future of an annotated async function whose value nothing but its verdict looks at. Such a look holds nothing,
    /// so it needs no drop when a poll unwinds: what is compiled for each function is half of an [`Observed`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Awaited<F, L> {
        // The order of the fields is the order of their drops.
        opening: SuspendedCall,
        #[pin]
        future: F,
        look: L,
        closing: DropGuard,
    }
}

impl<F: UnwindSafe, L> UnwindSafe for Awaited<F, L> {}
impl<F: RefUnwindSafe, L> RefUnwindSafe for Awaited<F, L> {}

impl<F, L> std::fmt::Debug for Awaited<F, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Awaited").finish_non_exhaustive()
    }
}

/// Runs the body of an async function. To be awaited at once.
#[inline(always)]
pub fn run_async<F, L>(call: Call, future: F, look: L) -> Awaited<F, L>
where
    F: Future,
    L: Fn(&F::Output) -> Verdict<'_>,
{
    Awaited {
        opening: SuspendedCall::left(call),
        future,
        look,
        closing: DropGuard::default(),
    }
}

/// The same where the look holds values, which are dropped before a call ends that unwinds.
#[inline(always)]
pub fn run_async_once<F, L>(call: Call, future: F, look: L) -> Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    observed(SuspendedCall::left(call), future, look)
}

/// Measures the future that a body returned: what the body did before and the future are one call.
#[inline]
pub fn run_future<F, L>(call: Call, future: F, look: L) -> Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    observed(SuspendedCall::take(call), future, look)
}

#[inline(always)]
fn observed<F, L>(opening: SuspendedCall, future: F, look: L) -> Observed<F, L> {
    Observed {
        opening,
        future,
        look: Some(look),
        closing: DropGuard::default(),
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
                let verdict = match this.look.take() {
                    Some(look) => look(&out),
                    None => Verdict::Ok,
                };
                polling.end(&verdict);
                Poll::Ready(out)
            }
        }
    }
}

impl<F, L> Future for Awaited<F, L>
where
    F: Future,
    L: Fn(&F::Output) -> Verdict<'_>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if this.opening.is_quiet() {
            return this.future.poll(cx);
        }
        let polling = Polling::begin(this.opening, this.closing);
        let polled = this.future.poll(cx);
        match &polled {
            Poll::Pending => polling.suspend(),
            Poll::Ready(out) => polling.end(&(this.look)(out)),
        }
        polled
    }
}

impl<F, L> futures_core::FusedFuture for Observed<F, L>
where
    F: futures_core::FusedFuture,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    fn is_terminated(&self) -> bool {
        self.future.is_terminated()
    }
}

/// Marks the call on top of the stack as failed when its body unwinds, so that values of `on_failure` are read.
#[must_use = "it is forgotten when the body has returned"]
#[derive(Debug)]
pub struct Failing(bool);

impl Call {
    /// What marks this call when its body unwinds.
    #[inline(always)]
    pub fn failing(&self) -> Failing {
        Failing(!self.is_quiet())
    }
}

impl Failing {
    /// The body has returned.
    #[inline(always)]
    pub fn returned(self) {
        std::mem::forget(self);
    }
}

impl Drop for Failing {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0 {
            end::mark_failed();
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
            end::mark_failed();
            *self.0 = None;
        }
    }
}
