//! Futures and streams that pause.

use futures_core::Stream;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A boxed future.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;
/// A boxed stream.
pub type BoxedStream<'a, T> = Pin<Box<dyn Stream<Item = T> + 'a>>;

/// A future that is pending once.
#[derive(Debug, Default)]
pub struct Pause(bool);

/// A future that is pending once.
#[must_use]
pub fn pause() -> Pause {
    Pause::default()
}

impl Future for Pause {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A stream of the results of a closure.
pub struct Steps<F>(pub F);

impl<T, F: FnMut() -> Poll<Option<T>> + Unpin> Stream for Steps<F> {
    type Item = T;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        (self.0)()
    }
}

/// A stream of the results of a closure until it returns `None`, pending after each item.
pub fn steps<T, F: FnMut(u32) -> Option<T> + Unpin>(
    mut each: F,
) -> Steps<impl FnMut() -> Poll<Option<T>> + Unpin> {
    let (mut n, mut waits) = (0, false);
    Steps(move || {
        waits = !waits;
        if !waits {
            return Poll::Pending;
        }
        n += 1;
        Poll::Ready(each(n))
    })
}

/// A stream without items, whose item type is inferred.
#[must_use]
pub fn no_steps<T>() -> Steps<fn() -> Poll<Option<T>>> {
    Steps(|| Poll::Ready(None))
}
