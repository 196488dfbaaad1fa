//! Measuring of returned streams to their end.

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
    /// The stream of an annotated call. The call ends with the first item that is an error, or with the end of the stream.
    #[must_use = "streams do nothing unless polled"]
    pub struct ObservedStream<S, L> {
        // Fields are dropped in the order of their declaration.
        suspended: SuspendedCall,
        #[pin]
        stream: S,
        inspect: Option<L>,
        drop_guard: DropGuard,
    }
}

impl<S: UnwindSafe, L> UnwindSafe for ObservedStream<S, L> {}
impl<S: RefUnwindSafe, L> RefUnwindSafe for ObservedStream<S, L> {}

/// Returns a slot for a stream of `T`.
#[inline(always)]
#[must_use]
pub const fn stream_slot<T, S: Stream<Item = T>>() -> Slot<S> {
    slot()
}

/// Returns a slot for a stream.
#[inline(always)]
#[must_use]
pub const fn any_stream_slot<S: Stream>() -> Slot<S> {
    slot()
}

/// Measures the stream that a body returned. The call ends with the stream, or is cancelled when the stream is dropped.
pub fn run_stream<S, L>(call: Call, stream: S, inspect: L) -> ObservedStream<S, L>
where
    S: Stream,
    L: FnMut(&S::Item) -> Verdict<'_>,
{
    ObservedStream {
        suspended: SuspendedCall::take(call),
        stream,
        inspect: Some(inspect),
        drop_guard: DropGuard::default(),
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
        if this.suspended.is_disabled() {
            return this.stream.poll_next(cx);
        }
        let polling = Polling::begin(this.suspended, this.drop_guard);
        let unwinding = Unwinding::of(this.inspect);
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
                match this
                    .inspect
                    .as_mut()
                    .map_or(Verdict::Ok, |inspect| inspect(&item))
                {
                    Verdict::Ok => polling.suspend(),
                    // The first error ends the call, but the stream continues.
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
