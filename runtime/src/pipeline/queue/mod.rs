//! What is on its way to a backend: a queue bounded in bytes, a thread that sends, and an account of every item.
//!
//! At any time, for each signal: accepted = delivered + dropped + queued.

mod account;
mod sender;
pub(crate) mod volume;

pub use account::{Account, BackendHealth, health};
#[allow(unused_imports)]
pub(crate) use account::{Dropped, Ledger, farewell};

use crate::base::sync::lock;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Kinds of what is sent. Each has a queue of its own, so that none crowds out another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Signal {
    /// Errors, messages and panics.
    Errors,
    /// Metrics.
    Metrics,
    /// Spans.
    Spans,
    /// Log lines.
    Logs,
}

impl Signal {
    /// In the order they are sent.
    pub(crate) const ALL: [Self; 4] = [Self::Errors, Self::Metrics, Self::Spans, Self::Logs];

    /// Lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Metrics => "metrics",
            Self::Spans => "spans",
            Self::Logs => "logs",
        }
    }
}

/// Why items did not reach a backend.
pub(crate) mod why {
    /// The queue had no room: the oldest were given up.
    pub(crate) const QUEUE_FULL: &str = "queue_full";
    /// Larger than the backend takes.
    pub(crate) const TOO_LARGE: &str = "too_large";
    /// The backend was not to be reached for too long.
    pub(crate) const NETWORK_ERROR: &str = "network_error";
    /// The backend said no.
    pub(crate) const SEND_ERROR: &str = "send_error";
    /// The backend asked to be left alone.
    pub(crate) const RATE_LIMITED: &str = "rate_limited";
    /// Telemetry was turned off before they were sent.
    pub(crate) const SHUTDOWN: &str = "shutdown";
    /// A fault of our own.
    pub(crate) const INTERNAL: &str = "internal_error";
}

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

/// How an outbox behaves.
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
    /// How long one parcel is tried.
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

/// Takes what is to be sent, and never waits. Clones are the same outbox.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Inner>);

struct Inner {
    limits: Limits,
    queue: Mutex<Queue>,
    changed: Condvar,
    ledger: Arc<Ledger>,
}

#[derive(Default)]
struct Queue {
    waiting: [VecDeque<Parcel>; Signal::ALL.len()],
    bytes: [usize; Signal::ALL.len()],
    /// Parcels that are with couriers.
    busy: usize,
    /// Couriers that have not ended.
    couriers: usize,
    trouble: sender::Trouble,
    /// Somebody waits for the queue to be empty: no pauses.
    hurry: bool,
    closing: Option<Instant>,
    closed: bool,
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.busy == 0 && self.waiting.iter().all(VecDeque::is_empty)
    }

    fn push(&mut self, parcel: Parcel) {
        let signal = parcel.signal as usize;
        self.bytes[signal] += parcel.body.len();
        self.waiting[signal].push_back(parcel);
    }

    fn pop(&mut self, signal: usize) -> Option<Parcel> {
        let parcel = self.waiting[signal].pop_front()?;
        self.bytes[signal] -= parcel.body.len();
        Some(parcel)
    }

    fn next(&mut self) -> Option<Parcel> {
        (0..self.waiting.len()).find_map(|signal| self.pop(signal))
    }
}

impl Outbox {
    /// Starts the thread that sends.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(
        backend: &'static str,
        limits: Limits,
        courier: impl Courier,
    ) -> std::io::Result<Self> {
        Self::start_many(backend, limits, vec![courier])
    }

    /// The same with several couriers, for a backend that takes one thing at a time. What they send is in no order.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start_many(
        backend: &'static str,
        limits: Limits,
        couriers: Vec<impl Courier>,
    ) -> std::io::Result<Self> {
        let inner = Arc::new(Inner {
            limits,
            queue: Mutex::default(),
            changed: Condvar::new(),
            ledger: Ledger::open(backend),
        });
        lock(&inner.queue).couriers = couriers.len();
        for courier in couriers {
            let worker = Arc::clone(&inner);
            crate::base::quiet::spawn(&format!("instrumental-{backend}"), move || {
                sender::run(&worker, courier);
            })?;
        }
        Ok(Self(inner))
    }

    /// The account of what goes through here.
    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.0.ledger
    }

    /// Puts a parcel into the queue; the oldest of its kind make room.
    pub(crate) fn put(&self, mut parcel: Parcel) {
        parcel.body.shrink_to_fit();
        let ledger = &self.0.ledger;
        ledger.accept(parcel.signal, parcel.items);
        if parcel.body.len() > self.0.limits.bytes {
            return ledger.drop_queued(parcel.signal, why::TOO_LARGE, parcel.items);
        }
        let mut queue = lock(&self.0.queue);
        if queue.closed {
            return ledger.drop_queued(parcel.signal, why::SHUTDOWN, parcel.items);
        }
        let signal = parcel.signal as usize;
        while queue.bytes[signal] + parcel.body.len() > self.0.limits.bytes {
            let Some(oldest) = queue.pop(signal) else {
                break;
            };
            ledger.drop_queued(oldest.signal, why::QUEUE_FULL, oldest.items);
        }
        queue.push(parcel);
        drop(queue);
        self.0.changed.notify_all();
    }

    /// Waits until everything put so far was sent or given up; `false` when it was not by `deadline`.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        lock(&self.0.queue).hurry = true;
        self.0.changed.notify_all();
        self.wait_until(deadline, |queue| queue.closed || queue.is_empty())
    }

    /// Sends what can be sent by `deadline`, and nothing after it. Returns at once.
    pub(crate) fn close(&self, deadline: Instant) {
        lock(&self.0.queue).closing = Some(deadline);
        self.0.changed.notify_all();
    }

    /// Waits until it is closed; what hangs at the deadline is left behind, and counted.
    pub(crate) fn wait(&self, deadline: Instant) {
        if !self.wait_until(deadline, |queue| queue.closed) {
            let mut queue = lock(&self.0.queue);
            self.0.give_up(&mut queue);
        }
    }

    fn wait_until(&self, deadline: Instant, until: impl Fn(&Queue) -> bool) -> bool {
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

impl Inner {
    /// Nothing is sent any more.
    fn give_up(&self, queue: &mut Queue) {
        while let Some(parcel) = queue.next() {
            let (signal, items) = (parcel.signal, parcel.items);
            self.ledger.drop_queued(signal, why::SHUTDOWN, items);
        }
        queue.closed = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests;
