//! Streams: what a function returns is measured to its end.

use super::call::Call;
use super::polling::Polling;
use super::run::{Slot, Unwinding, slot};
use super::suspended_call::{DropGuard, SuspendedCall};
use crate::model::fault::Verdict;
use futures_core::{FusedStream, Stream};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project_lite::pin_project! {
    /// The stream of an annotated call. It ends with its last item; an item that is an error makes the outcome.
    #[must_use = "streams do nothing unless polled"]
    pub struct ObservedStream<S, L> {
        // The order of the fields is the order of their drops.
        opening: SuspendedCall,
        #[pin]
        stream: S,
        look: Option<L>,
        closing: DropGuard,
    }
}

impl<S: UnwindSafe, L> UnwindSafe for ObservedStream<S, L> {}
impl<S: RefUnwindSafe, L> RefUnwindSafe for ObservedStream<S, L> {}

/// A slot for a stream of `T`.
#[inline(always)]
#[must_use]
pub const fn stream_slot<T, S: Stream<Item = T>>() -> Slot<S> {
    slot()
}

/// A slot for a stream.
#[inline(always)]
#[must_use]
pub const fn any_stream_slot<S: Stream>() -> Slot<S> {
    slot()
}

/// Measures the stream that a body returned: the call ends with the stream's end, or is cancelled with its drop.
pub fn run_stream<S, L>(call: Call, stream: S, look: L) -> ObservedStream<S, L>
where
    S: Stream,
    L: FnMut(&S::Item) -> Verdict<'_>,
{
    ObservedStream {
        opening: SuspendedCall::take(call),
        stream,
        look: Some(look),
        closing: DropGuard::default(),
    }
}

impl<S, L> FusedStream for ObservedStream<S, L>
where
    S: FusedStream,
    L: FnMut(&S::Item) -> Verdict<'_>,
{
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
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
