//! The export queue of a backend: bounded in bytes, with threads that send, and statistics of every item.
//!
//! At any time, for each signal: accepted = delivered + dropped + queued.

mod account;
mod sender;
mod signal;
pub(crate) mod transport;
pub(crate) mod volume;
mod waiting;

pub use account::{Account, BackendHealth, health};
#[allow(unused_imports, reason = "only backends use all of it")]
pub(crate) use account::{DeliveryStats, Dropped, write_undelivered};

pub use signal::Signal;
pub(crate) use signal::why;
pub(crate) use waiting::Limits;

use crate::base::sync::lock;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;
use transport::{Body, QueuedBatch, Transport};
use waiting::{Inner, Queue};

/// The handle of an export queue. Putting a batch never blocks. Clones share the queue.
pub(crate) struct ExportQueue<B = Vec<u8>>(Arc<Inner<B>>);

impl<B> Clone for ExportQueue<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// An [`ExportQueue`] of any body type.
pub(crate) trait AnyQueue: Send + Sync {
    /// See [`ExportQueue::flush`].
    fn flush(&self, deadline: Instant) -> bool;
    /// See [`ExportQueue::close`].
    fn close(&self, deadline: Instant);
    /// See [`ExportQueue::wait`].
    fn wait(&self, deadline: Instant);
}

impl<B: Body> AnyQueue for ExportQueue<B> {
    fn flush(&self, deadline: Instant) -> bool {
        Self::flush(self, deadline)
    }

    fn close(&self, deadline: Instant) {
        Self::close(self, deadline);
    }

    fn wait(&self, deadline: Instant) {
        Self::wait(self, deadline);
    }
}

impl<B: Body> ExportQueue<B> {
    /// Returns a handle without the body type.
    pub(crate) fn any(&self) -> Box<dyn AnyQueue> {
        Box::new(self.clone())
    }

    /// Starts a queue with one sending thread.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub(crate) fn start(
        backend: &'static str,
        limits: Limits,
        transport: impl Transport<B>,
    ) -> std::io::Result<Self> {
        Self::start_many(backend, limits, vec![transport])
    }

    /// Starts a queue with a thread for each transport, for a backend that accepts one item per request. The order of
    /// delivery is unspecified.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub(crate) fn start_many(
        backend: &'static str,
        limits: Limits,
        transports: Vec<impl Transport<B>>,
    ) -> std::io::Result<Self> {
        let inner = Arc::new(Inner {
            limits,
            queue: Mutex::default(),
            changed: Condvar::new(),
            stats: DeliveryStats::open(backend),
        });
        lock(&inner.queue).transports = transports.len();
        for transport in transports {
            let worker = Arc::clone(&inner);
            crate::base::internal_thread::spawn(&format!("instrumental-{backend}"), move || {
                sender::run(&worker, transport);
            })?;
        }
        Ok(Self(inner))
    }

    /// Returns the statistics of this queue.
    pub(crate) fn stats(&self) -> &Arc<DeliveryStats> {
        &self.0.stats
    }

    /// Puts a batch into the queue. If there is no room, the oldest batches of its signal are dropped.
    pub(crate) fn put(&self, mut batch: QueuedBatch<B>) {
        batch.body.shrink();
        let stats = &self.0.stats;
        stats.accept(batch.signal, batch.items);
        if batch.body.size() > self.0.limits.bytes {
            return stats.drop_queued(batch.signal, why::TOO_LARGE, batch.items);
        }
        let mut queue = lock(&self.0.queue);
        if queue.closed {
            return stats.drop_queued(batch.signal, why::SHUTDOWN, batch.items);
        }
        let signal = batch.signal as usize;
        while queue.bytes[signal] + batch.body.size() > self.0.limits.bytes {
            let Some(oldest) = queue.pop(signal) else {
                break;
            };
            stats.drop_queued(oldest.signal, why::QUEUE_FULL, oldest.items);
        }
        queue.push(batch);
        drop(queue);
        self.0.changed.notify_all();
    }

    /// Waits until everything put so far was sent or dropped. Returns `false` if it was not by `deadline`.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        lock(&self.0.queue).is_flushing = true;
        self.0.changed.notify_all();
        self.wait_until(deadline, |queue| queue.closed || queue.is_empty())
    }

    /// Asks the threads to send what they can by `deadline`, and then to end. Does not wait for them.
    pub(crate) fn close(&self, deadline: Instant) {
        lock(&self.0.queue).closing = Some(deadline);
        self.0.changed.notify_all();
    }

    /// Waits until the queue is closed. If it is not by `deadline`, drops what is left; threads that hang are not joined.
    pub(crate) fn wait(&self, deadline: Instant) {
        if !self.wait_until(deadline, |queue| queue.closed) {
            let mut queue = lock(&self.0.queue);
            self.0.drop_all(&mut queue);
        }
    }

    fn wait_until(&self, deadline: Instant, until: impl Fn(&Queue<B>) -> bool) -> bool {
        let mut queue = lock(&self.0.queue);
        while !until(&queue) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.0.changed.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
        true
    }
}

#[cfg(test)]
mod tests;
