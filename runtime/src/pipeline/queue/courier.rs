//! What is sent, and what sends it.

use super::signal::Signal;
use std::time::{Duration, Instant};

/// Something to send.
pub(crate) struct Parcel {
    pub(crate) signal: Signal,
    /// How many spans, lines, errors or points it holds.
    pub(crate) items: u64,
    pub(crate) body: Vec<u8>,
    /// The backend's own mark: an endpoint, a content type.
    pub(crate) mark: u8,
}

/// What became of an attempt to send.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Delivery {
    /// The backend has it.
    Done,
    /// The backend has it but for these.
    Partly { refused: u64 },
    /// The backend will never take it. One of [`why`].
    Refused(&'static str),
    /// Not now. With the time the backend asked for.
    Again(Option<Duration>),
}

/// Sends what it is given, on a thread of its own.
pub(crate) trait Courier: Send + 'static {
    /// Tries once, and is back by `deadline`.
    fn deliver(&mut self, parcel: &Parcel, deadline: Instant) -> Delivery;
    /// What the last attempt came to, where it did not succeed: in a few words, without addresses and secrets.
    fn failure(&mut self) -> Option<String> {
        None
    }
    /// The last call.
    fn close(&mut self, _deadline: Instant) {}
}
