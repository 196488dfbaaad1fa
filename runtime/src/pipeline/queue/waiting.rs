//! What waits to be sent.

use super::account::DeliveryStats;
use super::signal::{Signal, why};
use super::transport::{Body, QueuedBatch};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// How a queue behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes each signal may have waiting.
    pub(crate) bytes: usize,
    /// How long an attempt may take.
    pub(crate) attempt: Duration,
    /// The first pause after a failure; each is twice the one before.
    pub(crate) pause: Duration,
    /// The longest pause.
    pub(crate) longest_pause: Duration,
    /// How long one batch is tried.
    pub(crate) give_up: Duration,
}

impl Default for Limits {
    /// Pauses of the OpenTelemetry collector's exporters, 5 to 30 s for 300 s, but for a first one of 1 s.
    fn default() -> Self {
        Self {
            bytes: 8 << 20,
            attempt: Duration::from_secs(10),
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            give_up: Duration::from_secs(300),
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
    pub(super) waiting: [VecDeque<QueuedBatch<B>>; Signal::ALL.len()],
    pub(super) bytes: [usize; Signal::ALL.len()],
    /// Batches that are with transports.
    pub(super) busy: usize,
    /// Transports that have not ended.
    pub(super) transports: usize,
    pub(super) trouble: Trouble,
    /// Somebody waits for the queue to be empty: no pauses.
    pub(super) hurry: bool,
    pub(super) closing: Option<Instant>,
    pub(super) closed: bool,
}

impl<B> Default for Queue<B> {
    fn default() -> Self {
        Self {
            waiting: Default::default(),
            bytes: Default::default(),
            busy: 0,
            transports: 0,
            trouble: Trouble::default(),
            hurry: false,
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
    /// Nothing is sent any more.
    pub(super) fn give_up(&self, queue: &mut Queue<B>) {
        while let Some(batch) = queue.next() {
            let (signal, items) = (batch.signal, batch.items);
            self.stats.drop_queued(signal, why::SHUTDOWN, items);
        }
        queue.closed = true;
        self.changed.notify_all();
    }
}

/// What the last attempts came to.
#[derive(Default)]
pub(super) struct Trouble {
    pub(super) failures: u32,
    /// Not before.
    pub(super) until: Option<Instant>,
}
