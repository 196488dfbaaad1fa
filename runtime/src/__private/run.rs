//! Running the body of a function within a call.
//!
//! The expansion puts the body into a closure or an async block and calls it in place, so that the expansion controls what is
//! captured, in which order it is dropped, and what is copied. The functions here receive the result.

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

/// Carries the declared return type into the body. Unreachable `return` statements at the top of the function and of the body
/// give the compiler that type before it checks the body, in any form: elided lifetimes, nested `impl Trait`, `Self`.
///
/// It is moved into the body, so that the body's closure is an `FnOnce`, whose return value may borrow from its captures.
pub struct Slot<R>(PhantomData<fn() -> R>);

impl<R> Slot<R> {
    /// Never called; unifies the function's return type with the slot's type.
    #[must_use]
    pub fn declared(&self) -> R {
        unreachable!("only called behind `if false`")
    }

    /// Never called; unifies the body's return type with the slot's type.
    #[must_use]
    pub fn returned(self) -> R {
        unreachable!("only called behind `if false`")
    }
}

impl<P: Deref<Target: Future>> Slot<P> {
    /// Returns a slot for the output of a boxed future.
    #[inline(always)]
    #[must_use]
    pub const fn output(self) -> Slot<<P::Target as Future>::Output> {
        slot()
    }
}

/// Returns a slot whose type is inferred.
#[inline(always)]
#[must_use]
pub const fn slot<R>() -> Slot<R> {
    Slot(PhantomData)
}

/// Returns a slot for a future with the output `T`.
#[inline(always)]
#[must_use]
pub const fn future_slot<T, F: Future<Output = T>>() -> Slot<F> {
    Slot(PhantomData)
}

/// Returns a slot for a future.
#[inline(always)]
#[must_use]
pub const fn any_future_slot<F: Future>() -> Slot<F> {
    Slot(PhantomData)
}

/// Measures a call until it is dropped. Used for bodies whose value is not inspected, which are not put into a closure.
#[must_use = "the call ends when this is dropped"]
#[derive(Debug)]
pub struct Guard {
    enabled: bool,
    /// Whether the thread was already unwinding when the call began, in a destructor.
    unwinding: bool,
}

impl Call {
    /// Measures the call until the guard is dropped.
    #[inline(always)]
    pub fn guard(self) -> Guard {
        let enabled = self.into_listen() != 0;
        Guard {
            enabled,
            unwinding: enabled && std::thread::panicking(),
        }
    }
}

impl Guard {
    /// Returns whether the body is unwinding.
    #[inline(always)]
    pub(super) fn is_unwinding(&self) -> bool {
        std::thread::panicking() && !self.unwinding
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        if self.enabled {
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
        // Fields are dropped in the order of their declaration.
        suspended: SuspendedCall,
        #[pin]
        future: F,
        inspect: Option<L>,
        drop_guard: DropGuard,
    }
}

// The fields other than `future` are consistent after a poll unwinds, and are private.
impl<F: UnwindSafe, L> UnwindSafe for Observed<F, L> {}
impl<F: RefUnwindSafe, L> RefUnwindSafe for Observed<F, L> {}

impl<F, L> std::fmt::Debug for Observed<F, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observed").finish_non_exhaustive()
    }
}

pin_project_lite::pin_project! {
    /// The future of an annotated async function whose `inspect` closure only returns a verdict. Such a closure holds no values
    /// that must be dropped when a poll unwinds, so the code compiled for each function is half of that for [`Observed`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Awaited<F, L> {
        // Fields are dropped in the order of their declaration.
        suspended: SuspendedCall,
        #[pin]
        future: F,
        inspect: L,
        drop_guard: DropGuard,
    }
}

impl<F: UnwindSafe, L> UnwindSafe for Awaited<F, L> {}
impl<F: RefUnwindSafe, L> RefUnwindSafe for Awaited<F, L> {}

impl<F, L> std::fmt::Debug for Awaited<F, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Awaited").finish_non_exhaustive()
    }
}

/// Runs the body of an async function. The future must be awaited immediately.
#[inline(always)]
pub fn run_async<F, L>(call: Call, future: F, inspect: L) -> Awaited<F, L>
where
    F: Future,
    L: Fn(&F::Output) -> Verdict<'_>,
{
    Awaited {
        suspended: SuspendedCall::left(call),
        future,
        inspect,
        drop_guard: DropGuard::default(),
    }
}

/// Runs the body of an async function whose `inspect` closure holds values. They are dropped before a call that unwinds ends.
#[inline(always)]
pub fn run_async_once<F, L>(call: Call, future: F, inspect: L) -> Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    observed(SuspendedCall::left(call), future, inspect)
}

/// Measures the future that a body returned. The body and the future are one call.
#[inline]
pub fn run_future<F, L>(call: Call, future: F, inspect: L) -> Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    observed(SuspendedCall::take(call), future, inspect)
}

#[inline(always)]
fn observed<F, L>(suspended: SuspendedCall, future: F, inspect: L) -> Observed<F, L> {
    Observed {
        suspended,
        future,
        inspect: Some(inspect),
        drop_guard: DropGuard::default(),
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
        if this.suspended.is_disabled() {
            return this.future.poll(cx);
        }
        let polling = Polling::begin(this.suspended, this.drop_guard);
        let unwinding = Unwinding::of(this.inspect);
        let polled = this.future.poll(cx);
        std::mem::forget(unwinding);
        match polled {
            Poll::Pending => {
                polling.suspend();
                Poll::Pending
            }
            Poll::Ready(out) => {
                let verdict = match this.inspect.take() {
                    Some(inspect) => inspect(&out),
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
        if this.suspended.is_disabled() {
            return this.future.poll(cx);
        }
        let polling = Polling::begin(this.suspended, this.drop_guard);
        let polled = this.future.poll(cx);
        match &polled {
            Poll::Pending => polling.suspend(),
            Poll::Ready(out) => polling.end(&(this.inspect)(out)),
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

/// Marks the call on top of the stack as failed when the body unwinds, so that `on_failure` values are read.
#[must_use = "it is forgotten when the body has returned"]
#[derive(Debug)]
pub struct Failing(bool);

impl Call {
    /// Returns a guard that marks this call as failed when the body unwinds.
    #[inline(always)]
    pub fn failing(&self) -> Failing {
        Failing(!self.is_disabled())
    }
}

impl Failing {
    /// Disarms the guard, because the body has returned.
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

/// Drops the `inspect` closure of a call whose poll unwinds, before the call ends.
pub(super) struct Unwinding<'a, L>(&'a mut Option<L>);

impl<'a, L> Unwinding<'a, L> {
    #[inline(always)]
    pub(super) fn of(inspect: &'a mut Option<L>) -> Self {
        Self(inspect)
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
