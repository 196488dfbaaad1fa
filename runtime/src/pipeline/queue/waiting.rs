//! The state of an export queue.

use super::account::DeliveryStats;
use super::signal::{Signal, why};
use super::transport::{Body, QueuedBatch};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// The limits of a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The maximum size of the queued batches of each signal, in bytes.
    pub(crate) bytes: usize,
    /// The timeout of an attempt.
    pub(crate) attempt: Duration,
    /// The pause after the first failure. It doubles with each failure in a row.
    pub(crate) pause: Duration,
    /// The longest pause.
    pub(crate) longest_pause: Duration,
    /// How long a batch is retried.
    pub(crate) retry_for: Duration,
}

impl Default for Limits {
    /// Returns the limits of the OpenTelemetry Collector's exporters (pauses of 5 to 30 s, for 300 s), except that the first
    /// pause is 1 s.
    fn default() -> Self {
        Self {
            bytes: 8 << 20,
            attempt: Duration::from_secs(10),
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            retry_for: Duration::from_secs(300),
        }
    }
}

pub(super) struct Inner<B> {
    pub(super) limits: Limits,
    pub(super) queue: Mutex<Queue<B>>,
    pub(super) changed: Condvar,
    pub(super) stats: Arc<DeliveryStats>,
}

pub(super) struct Queue<B> {
    /// The queued batches, by signal.
    pub(super) waiting: [VecDeque<QueuedBatch<B>>; Signal::ALL.len()],
    /// Their size in bytes, by signal.
    pub(super) bytes: [usize; Signal::ALL.len()],
    /// The number of batches that are being sent.
    pub(super) busy: usize,
    /// The number of running threads.
    pub(super) transports: usize,
    pub(super) backoff: Backoff,
    /// A flush waits for the queue to be empty, so pauses are skipped.
    pub(super) is_flushing: bool,
    /// The deadline of the shutdown, once it has begun.
    pub(super) closing: Option<Instant>,
    /// No batch is accepted or sent any more.
    pub(super) closed: bool,
}

impl<B> Default for Queue<B> {
    fn default() -> Self {
        Self {
            waiting: Default::default(),
            bytes: Default::default(),
            busy: 0,
            transports: 0,
            backoff: Backoff::default(),
            is_flushing: false,
            closing: None,
            closed: false,
        }
    }
}

impl<B: Body> Queue<B> {
    pub(super) fn is_empty(&self) -> bool {
        self.busy == 0 && self.waiting.iter().all(VecDeque::is_empty)
    }

    pub(super) fn push(&mut self, batch: QueuedBatch<B>) {
        let signal = batch.signal as usize;
        self.bytes[signal] += batch.body.size();
        self.waiting[signal].push_back(batch);
    }

    pub(super) fn pop(&mut self, signal: usize) -> Option<QueuedBatch<B>> {
        let batch = self.waiting[signal].pop_front()?;
        self.bytes[signal] -= batch.body.size();
        Some(batch)
    }

    pub(super) fn next(&mut self) -> Option<QueuedBatch<B>> {
        (0..self.waiting.len()).find_map(|signal| self.pop(signal))
    }
}

impl<B: Body> Inner<B> {
    /// Drops all queued batches, and closes the queue.
    pub(super) fn drop_all(&self, queue: &mut Queue<B>) {
        while let Some(batch) = queue.next() {
            let (signal, items) = (batch.signal, batch.items);
            self.stats.drop_queued(signal, why::SHUTDOWN, items);
        }
        queue.closed = true;
        self.changed.notify_all();
    }
}

/// The pause after failed attempts.
#[derive(Default)]
pub(super) struct Backoff {
    /// The number of failures in a row.
    pub(super) failures: u32,
    /// The end of the pause.
    pub(super) until: Option<Instant>,
}
