//! Streams and boxed futures: what a function returns is measured to its end.

use super::call::Call;
use super::opening::{Closing, Opening, Polling};
use super::run::{Unwinding, eagerly, run, run_future};
use crate::model::fault::Verdict;
use futures_core::Stream;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project_lite::pin_project! {
    /// The stream of an annotated call. It ends with its last item; an item that is an error makes the outcome.
    #[must_use = "streams do nothing unless polled"]
    pub struct ObservedStream<S, L> {
        // The order of the fields is the order of their drops.
        opening: Opening,
        #[pin]
        stream: S,
        look: Option<L>,
        closing: Closing,
    }
}

/// Runs a function that returns a stream: the call ends with the stream's end, or is cancelled with its drop.
pub fn run_stream<A, S, L>(
    call: Call,
    args: A,
    body: impl FnOnce(A) -> S,
    look: L,
) -> ObservedStream<S, L>
where
    S: Stream,
    L: FnMut(&S::Item) -> Verdict<'_>,
{
    let (stream, look) = eagerly(&call, args, body, look);
    ObservedStream {
        opening: Opening::take(call),
        stream,
        look: Some(look),
        closing: Closing::default(),
    }
}

impl<S, L> Stream for ObservedStream<S, L>
where
    S: Stream,
    L: FnMut(&S::Item) -> Verdict<'_>,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if this.opening.is_quiet() {
            return this.stream.poll_next(cx);
        }
        let polling = Polling::begin(this.opening, this.closing);
        let unwinding = Unwinding::of(this.look);
        let polled = this.stream.poll_next(cx);
        std::mem::forget(unwinding);
        match polled {
            Poll::Pending => {
                polling.suspend();
                Poll::Pending
            }
            Poll::Ready(None) => {
                polling.end(&Verdict::Ok);
                Poll::Ready(None)
            }
            Poll::Ready(Some(item)) => {
                match this.look.as_mut().map_or(Verdict::Ok, |look| look(&item)) {
                    Verdict::Ok => polling.suspend(),
                    // The first error ends the call; the stream itself goes on.
                    error @ Verdict::Error(_) => polling.end(&error),
                }
                Poll::Ready(Some(item))
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

/// The type that a function's body returns; its methods choose what the call is measured to.
///
/// Found by method resolution (`(&tag).run(..)`): a boxed future or stream is measured to its end and put back into its
/// box, anything else is looked at when it is returned. So aliases, `BoxFuture` and `async-trait` need no recognising.
pub struct Tag<R>(PhantomData<fn() -> R>);

/// The type that `body` returns.
#[inline(always)]
pub const fn tag<A, R, B: FnOnce(A) -> R>(_: &B) -> Tag<R> {
    Tag(PhantomData)
}

/// What is neither boxed future nor boxed stream.
pub trait RunValue<R> {
    /// Runs the body and looks at what it returned.
    #[inline(always)]
    fn run<A, B, L>(&self, call: Call, args: A, body: B, look: L) -> R
    where
        B: FnOnce(A) -> R,
        L: FnOnce(&R) -> Verdict<'_>,
    {
        run(call, args, body, look)
    }
}
impl<R> RunValue<R> for &Tag<R> {}

macro_rules! boxed {
    ($trait:ident $inner:ident $item:ident $look:ident $run:ident: $([$($send:ident)*])*) => {$(
        impl<'a, T: 'a> $trait<'a, T, dyn $inner<$item = T> $(+ $send)* + 'a>
            for Tag<Pin<Box<dyn $inner<$item = T> $(+ $send)* + 'a>>>
        {
            fn run<A, B, L>(
                &self,
                call: Call,
                args: A,
                body: B,
                look: L,
            ) -> Pin<Box<dyn $inner<$item = T> $(+ $send)* + 'a>>
            where
                B: FnOnce(A) -> Pin<Box<dyn $inner<$item = T> $(+ $send)* + 'a>>,
                L: $look(&T) -> Verdict<'_> + Send + Sync + 'a,
            {
                // Where nobody listens, the box that came is the box that goes.
                if call.listen == 0 {
                    return body(args);
                }
                Box::pin($run(call, args, body, look))
            }
        }
    )*};
}

/// A boxed future.
pub trait RunFuture<'a, T: 'a, D: ?Sized> {
    /// Runs the body and measures the future it returned.
    fn run<A, B, L>(&self, call: Call, args: A, body: B, look: L) -> Pin<Box<D>>
    where
        B: FnOnce(A) -> Pin<Box<D>>,
        L: FnOnce(&T) -> Verdict<'_> + Send + Sync + 'a;
}
boxed!(RunFuture Future Output FnOnce run_future: [] [Send] [Send Sync]);

/// A boxed stream.
pub trait RunStream<'a, T: 'a, D: ?Sized> {
    /// Runs the body and measures the stream it returned.
    fn run<A, B, L>(&self, call: Call, args: A, body: B, look: L) -> Pin<Box<D>>
    where
        B: FnOnce(A) -> Pin<Box<D>>,
        L: FnMut(&T) -> Verdict<'_> + Send + Sync + 'a;
}
boxed!(RunStream Stream Item FnMut run_stream: [] [Send] [Send Sync]);
