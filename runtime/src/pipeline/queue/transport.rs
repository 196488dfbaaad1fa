//! The interface between an export queue and the transport of its backend.

use super::signal::Signal;
use std::time::{Duration, Instant};

/// The content of a batch: an encoded request, or items.
pub(crate) trait Body: Send + 'static {
    /// Returns the size in memory, in bytes.
    fn size(&self) -> usize;
    /// Frees unused memory.
    fn shrink(&mut self) {}
}

impl Body for Vec<u8> {
    fn size(&self) -> usize {
        self.len()
    }

    fn shrink(&mut self) {
        self.shrink_to_fit();
    }
}

/// A batch in an export queue.
pub(crate) struct QueuedBatch<B = Vec<u8>> {
    pub(crate) signal: Signal,
    /// The number of spans, log records, errors or data points in it.
    pub(crate) items: u64,
    pub(crate) body: B,
    /// The endpoint or content type, numbered by the backend.
    pub(crate) endpoint: u8,
}

/// The result of an attempt to send a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum SendResult {
    /// The backend accepted the batch.
    Done,
    /// The backend accepted the batch except for this number of items.
    Partly { refused: u64 },
    /// The backend will never accept the batch. One of [`why`](super::why).
    Refused(&'static str),
    /// The batch may be retried, after the given delay if the backend asked for one.
    Retry(Option<Duration>),
}

/// Sends batches, on a thread of the queue.
pub(crate) trait Transport<B = Vec<u8>>: Send + 'static {
    /// Makes one attempt to send a batch, and returns by `deadline`.
    fn send(&mut self, batch: &QueuedBatch<B>, deadline: Instant) -> SendResult;
    /// Takes a short description of the last attempt's failure, without addresses and secrets.
    fn failure(&mut self) -> Option<String> {
        None
    }
    /// Called once, after the last attempt. Returns by `deadline`.
    fn close(&mut self, _deadline: Instant) {}
}
