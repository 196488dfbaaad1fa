//! The interface between the background thread and the backends.

use super::queue::AnyQueue;
use super::span::Trace;
use crate::model::record::Record;
use std::time::Instant;

/// The part of a backend that runs on the background thread: it encodes traces and records, and puts batches into an
/// [`ExportQueue`](super::queue::ExportQueue). It must not block; the queue's own thread sends.
pub(crate) trait Consumer: Send {
    /// Exports spans of one trace: all of them, if its local root ended in time.
    fn trace(&mut self, trace: &Trace);
    /// Exports a log record, an event or a report.
    fn record(&mut self, record: &Record);
    /// Called after each round of the background thread, at least ten times a second.
    fn tick(&mut self, _now: Instant) {}
    /// Puts everything that is batched so far into the queues.
    fn flush(&mut self) {}
    /// Called once, after the last [`flush`](Self::flush).
    fn close(&mut self) {}
    /// Returns the queues it sends through.
    fn queues(&self) -> Vec<Box<dyn AnyQueue>> {
        Vec::new()
    }
}
