//! The background thread: gathers what was reported, once, and hands it to every backend.

mod assemble;
pub(crate) mod exemplars;
mod open;
pub(crate) mod queue;
#[cfg(feature = "serve")]
pub(crate) mod serve;
mod shared;
mod span;
#[cfg(feature = "net")]
pub(crate) mod transport;
mod worker;

pub(crate) use open::OpenSpans;
pub(crate) use shared::{Shared, is_alone};
// For the tests of backends, which may all be off.
#[allow(unused_imports)]
pub(crate) use span::{FinishedSpan, Kept, Trace};
#[cfg(test)]
#[allow(unused_imports)]
pub(crate) use span::{example, example_of_error};
pub(crate) use worker::start;

use crate::model::record::Record;
use crate::pipeline::queue::Outbox;
use std::time::Instant;

/// A backend, run on the background thread. It must not wait for anything: what goes over a wire goes through an
/// [`Outbox`].
pub(crate) trait Sink: Send {
    /// Spans of one trace: all of them where its local root ended in time.
    fn trace(&mut self, trace: &Trace);
    /// Something that happened. `open` finds the fields of a span that is still open.
    fn record(&mut self, record: &Record, open: &OpenSpans);
    /// Called after everything gathered in one round, ten times a second or more often.
    fn tick(&mut self, _now: Instant) {}
    /// Puts everything gathered so far on its way.
    fn flush(&mut self) {}
    /// The last call: after a [`flush`](Self::flush), nothing follows.
    fn close(&mut self) {}
    /// What it sends through.
    fn outboxes(&self) -> Vec<Outbox> {
        Vec::new()
    }
}
