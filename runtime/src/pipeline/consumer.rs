//! What a backend does on the background thread.

use super::queue::AnyQueue;
use super::span::Trace;
use crate::model::record::Record;
use std::time::Instant;

/// The part of a backend that runs on the background thread: it takes traces and records, encodes them, and puts batches
/// into an [`ExportQueue`](super::queue::ExportQueue). It never blocks; the queue's own thread does.
pub(crate) trait Consumer: Send {
    /// Takes spans of one trace: all of them if its local root ended in time.
    fn trace(&mut self, trace: &Trace);
    /// Takes something that happened.
    fn record(&mut self, record: &Record);
    /// Called after everything gathered in one round, ten times a second or more often.
    fn tick(&mut self, _now: Instant) {}
    /// Puts everything gathered so far into the queues.
    fn flush(&mut self) {}
    /// The last call, after a [`flush`](Self::flush).
    fn close(&mut self) {}
    /// Returns the queues it sends through.
    fn queues(&self) -> Vec<Box<dyn AnyQueue>> {
        Vec::new()
    }
}
