//! What is sent, and what sends it.

use super::signal::Signal;
use std::time::{Duration, Instant};

/// What a batch holds: bytes as they are sent, or items.
pub(crate) trait Body: Send + 'static {
    /// Bytes of memory that it takes.
    fn size(&self) -> usize;
    /// Returns memory that it does not use.
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

/// Something to send.
pub(crate) struct QueuedBatch<B = Vec<u8>> {
    pub(crate) signal: Signal,
    /// How many spans, lines, errors or points it holds.
    pub(crate) items: u64,
    pub(crate) body: B,
    /// The backend's own mark: an endpoint, a content type.
    pub(crate) endpoint: u8,
}

/// What became of an attempt to send.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum SendResult {
    /// The backend has it.
    Done,
    /// The backend has it but for these.
    Partly { refused: u64 },
    /// The backend will never take it. One of [`why`].
    Refused(&'static str),
    /// Not now. With the time the backend asked for.
    Retry(Option<Duration>),
}

/// Sends what it is given, on a thread of its own.
pub(crate) trait Transport<B = Vec<u8>>: Send + 'static {
    /// Tries once, and is back by `deadline`.
    fn send(&mut self, batch: &QueuedBatch<B>, deadline: Instant) -> SendResult;
    /// What the last attempt came to, where it did not succeed: in a few words, without addresses and secrets.
    fn failure(&mut self) -> Option<String> {
        None
    }
    /// The last call.
    fn close(&mut self, _deadline: Instant) {}
}
