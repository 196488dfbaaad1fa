//! What a function has returned, by its type: a boxed future or stream is measured to its end, anything else is looked
//! at when it is returned.
//!
//! Found by method resolution: `(&&&tag).end(..)` takes, of the traits below that the value's type implements, the one
//! with the most references. So aliases, `BoxFuture` and `async-trait` need no recognising.

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

/// The type of this value.
#[inline(always)]
pub const fn tag<R>(_: &R) -> Tag<R> {
    Tag(PhantomData)
}

/// What is neither a future nor a stream.
pub trait EndValue<R> {
    /// Ends the call with the value.
    #[inline(always)]
    fn end<L>(&self, call: Call, out: &mut R, look: L)
    where
        L: FnOnce(&R) -> Verdict<'_>,
    {
        if call.is_heard() {
            let verdict = look(out);
            call.end(&verdict);
        } else {
            call.forget();
        }
    }
}
impl<R> EndValue<R> for Tag<R> {}

/// A future of a type that has no room for a call, such as a `JoinHandle`: the call ends when it is returned.
pub trait EndUnmeasured<R> {
    /// Ends the call.
    #[inline(always)]
    fn end<L>(&self, call: Call, _: &mut R, _: L)
    where
        L: FnOnce(&R) -> Verdict<'_>,
    {
        if call.is_heard() {
            call::mark_unmeasured();
            call.end(&Verdict::Ok);
        } else {
            call.forget();
        }
    }
}
impl<R: Future> EndUnmeasured<R> for &Tag<R> {}

/// Takes the place of a boxed future or stream while that is put into another box. Without a size, so its own box
/// allocates nothing.
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

/// A boxed future.
pub trait EndFuture<'a, T: 'a, R> {
    /// Puts the call and the future into a box of the same type.
    fn end<L>(&self, call: Call, out: &mut R, look: L)
    where
        L: FnOnce(&T) -> Verdict<'_> + Send + Sync + 'a;
}

/// A boxed stream.
pub trait EndStream<'a, T: 'a, R> {
    /// Puts the call and the stream into a box of the same type.
    fn end<L>(&self, call: Call, out: &mut R, look: L)
    where
        L: FnMut(&T) -> Verdict<'_> + Send + Sync + 'a;
}

/// A type of box, and how one is made.
macro_rules! boxed {
    ($trait:ident $look:ident $run:ident $make:path, $ty:ty) => {
        impl<'a, T: 'a> $trait<'a, T, $ty> for &&Tag<$ty> {
            fn end<L>(&self, call: Call, out: &mut $ty, look: L)
            where
                L: $look(&T) -> Verdict<'_> + Send + Sync + 'a,
            {
                // Where nobody listens, the box that came is the box that goes.
                if call.is_quiet() {
                    return call.forget();
                }
                let empty: $ty = $make(Empty(PhantomData));
                let inner = std::mem::replace(out, empty);
                *out = $make($run(call, inner, look));
            }
        }
    };
}

/// The boxes of futures and of streams with these auto traits.
macro_rules! boxes {
    ($([$($auto:tt)*])*) => {$(
        boxed!(EndFuture FnOnce run_future Box::pin, Pin<Box<dyn Future<Output = T> $($auto)* + 'a>>);
        boxed!(EndFuture FnOnce run_future Box::new, Box<dyn Future<Output = T> $($auto)* + Unpin + 'a>);
        boxed!(EndStream FnMut run_stream Box::pin, Pin<Box<dyn Stream<Item = T> $($auto)* + 'a>>);
        boxed!(EndStream FnMut run_stream Box::new, Box<dyn Stream<Item = T> $($auto)* + Unpin + 'a>);
    )*};
}

boxes! { [] [+ Send] [+ Sync] [+ Send + Sync] }
