//! Ending of calls by the type of the returned value: a boxed future or stream is measured to its end, and any other value is
//! inspected when it is returned.
//!
//! `(&&&tag).end(..)` resolves to the trait below that is implemented for the value's type with the most references. So
//! aliases, `BoxFuture` and `async-trait` need not be recognised by name.

use super::call::{self, Call};
use super::run::run_future;
use super::stream::run_stream;
use crate::model::fault::Verdict;
use futures_core::Stream;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The type of a returned value.
pub struct Tag<R>(PhantomData<fn() -> R>);

/// Returns the tag of a value's type.
#[inline(always)]
pub const fn tag<R>(_: &R) -> Tag<R> {
    Tag(PhantomData)
}

/// Values that are neither futures nor streams.
pub trait EndValue<R> {
    /// Ends the call with the value.
    #[inline(always)]
    fn end<L>(&self, call: Call, out: &mut R, inspect: L)
    where
        L: FnOnce(&R) -> Verdict<'_>,
    {
        if call.is_enabled() {
            let verdict = inspect(out);
            call.end(&verdict);
        } else {
            call.forget();
        }
    }
}
impl<R> EndValue<R> for Tag<R> {}

/// Futures of types that cannot carry a call, such as a `JoinHandle`. The call ends when the future is returned.
pub trait EndUnmeasured<R> {
    /// Ends the call.
    #[inline(always)]
    fn end<L>(&self, call: Call, _: &mut R, _: L)
    where
        L: FnOnce(&R) -> Verdict<'_>,
    {
        if call.is_enabled() {
            call::mark_unmeasured();
            call.end(&Verdict::Ok);
        } else {
            call.forget();
        }
    }
}
impl<R: Future> EndUnmeasured<R> for &Tag<R> {}

/// A placeholder for a boxed future or stream while that is moved into another box. It is zero-sized, so boxing it does not
/// allocate.
struct Empty<T>(PhantomData<fn() -> T>);

impl<T> Future for Empty<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        Poll::Pending
    }
}

impl<T> Stream for Empty<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Pending
    }
}

/// Boxed futures.
pub trait EndFuture<'a, T: 'a, R> {
    /// Moves the call and the future into a box of the same type.
    fn end<L>(&self, call: Call, out: &mut R, inspect: L)
    where
        L: FnOnce(&T) -> Verdict<'_> + Send + Sync + 'a;
}

/// Boxed streams.
pub trait EndStream<'a, T: 'a, R> {
    /// Moves the call and the stream into a box of the same type.
    fn end<L>(&self, call: Call, out: &mut R, inspect: L)
    where
        L: FnMut(&T) -> Verdict<'_> + Send + Sync + 'a;
}

/// Implements the trait for a type of box; `$make` creates one.
macro_rules! boxed {
    ($trait:ident $inspect:ident $run:ident $make:path, $ty:ty) => {
        impl<'a, T: 'a> $trait<'a, T, $ty> for &&Tag<$ty> {
            fn end<L>(&self, call: Call, out: &mut $ty, inspect: L)
            where
                L: $inspect(&T) -> Verdict<'_> + Send + Sync + 'a,
            {
                // If the call is disabled, the box is returned unchanged.
                if call.is_disabled() {
                    return call.forget();
                }
                let empty: $ty = $make(Empty(PhantomData));
                let inner = std::mem::replace(out, empty);
                *out = $make($run(call, inner, inspect));
            }
        }
    };
}

/// Implements the traits for boxes with these auto traits.
macro_rules! boxes {
    ($([$($auto:tt)*])*) => {$(
        boxed!(EndFuture FnOnce run_future Box::pin, Pin<Box<dyn Future<Output = T> $($auto)* + 'a>>);
        boxed!(EndFuture FnOnce run_future Box::new, Box<dyn Future<Output = T> $($auto)* + Unpin + 'a>);
        boxed!(EndStream FnMut run_stream Box::pin, Pin<Box<dyn Stream<Item = T> $($auto)* + 'a>>);
        boxed!(EndStream FnMut run_stream Box::new, Box<dyn Stream<Item = T> $($auto)* + Unpin + 'a>);
    )*};
}

boxes! { [] [+ Send] [+ Sync] [+ Send + Sync] }
