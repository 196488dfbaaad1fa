//! The threads that send the batches of a queue.

use super::signal::why;
use super::transport::{Body, QueuedBatch, SendResult, Transport};
use super::waiting::{Backoff, Inner, Queue};
use crate::base::sync::lock;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Sends batches until the queue is closed.
pub(super) fn run<B: Body>(inner: &Inner<B>, mut transport: impl Transport<B>) {
    while let Some((batch, deadline)) = next(inner) {
        send(inner, &mut transport, batch, deadline);
    }
    let deadline = lock(&inner.queue).closing.unwrap_or_else(Instant::now);
    // A panic here is not reported: every item has been counted already.
    let _ = catch_unwind(AssertUnwindSafe(|| transport.close(deadline)));
    let mut queue = lock(&inner.queue);
    queue.transports -= 1;
    if queue.transports == 0 {
        inner.drop_all(&mut queue);
    }
}

/// Waits for the next batch, and returns it with the deadline of its attempt. Returns `None` if the queue is closed.
fn next<B: Body>(inner: &Inner<B>) -> Option<(QueuedBatch<B>, Instant)> {
    let mut queue = lock(&inner.queue);
    loop {
        if queue.closed {
            return None;
        }
        let now = Instant::now();
        let closing = queue.closing;
        if closing.is_some_and(|deadline| now >= deadline) {
            return None;
        }
        let until = queue.backoff.until.filter(|until| *until > now);
        let pausing = until.filter(|_| closing.is_none() && !queue.is_flushing);
        if pausing.is_none() {
            if let Some(batch) = queue.next() {
                queue.busy += 1;
                let deadline = now + inner.limits.attempt;
                let deadline = closing.map_or(deadline, |closing| deadline.min(closing));
                return Some((batch, deadline));
            }
            // A batch that another thread is sending may be put back for a retry.
            if closing.is_some() && queue.busy == 0 {
                return None;
            }
            queue.is_flushing &= queue.busy > 0;
        }
        let wake = pausing.or(closing);
        queue = wait(
            inner,
            queue,
            wake.map(|at| at.saturating_duration_since(now)),
        );
    }
}

fn wait<'a, B: Body>(
    inner: &Inner<B>,
    queue: MutexGuard<'a, Queue<B>>,
    at_most: Option<Duration>,
) -> MutexGuard<'a, Queue<B>> {
    match at_most {
        Some(at_most) => {
            let waited = inner.changed.wait_timeout(queue, at_most);
            waited.unwrap_or_else(PoisonError::into_inner).0
        }
        None => {
            let waited = inner.changed.wait(queue);
            waited.unwrap_or_else(PoisonError::into_inner)
        }
    }
}

/// Makes one attempt to send a batch, and counts the result.
fn send<B: Body>(
    inner: &Inner<B>,
    transport: &mut impl Transport<B>,
    batch: QueuedBatch<B>,
    deadline: Instant,
) {
    let attempt = catch_unwind(AssertUnwindSafe(|| transport.send(&batch, deadline)));
    let result = attempt.unwrap_or(SendResult::Refused(why::INTERNAL));
    let stats = &inner.stats;
    // Taken after a success too, so that the transport does not return an old failure later.
    let failure = catch_unwind(AssertUnwindSafe(|| transport.failure()));
    if let (true, Ok(Some(failure))) = (result != SendResult::Done, failure) {
        stats.set_last_failure(failure);
    }
    let mut queue = lock(&inner.queue);
    queue.busy -= 1;
    let (signal, items) = (batch.signal, batch.items);
    let accepted = matches!(result, SendResult::Done | SendResult::Partly { .. });
    // A batch without items reports drops to the backend; the transport may not have sent it at all.
    if accepted && items > 0 && !queue.closed {
        stats.sent(signal, batch.body.size());
    }
    match result {
        SendResult::Done => stats.deliver(signal, items),
        SendResult::Partly { refused } => {
            stats.deliver(signal, items.saturating_sub(refused));
            stats.drop_queued(signal, why::SEND_ERROR, refused.min(items));
        }
        SendResult::Refused(why) => stats.drop_queued(signal, why, items),
        // The queue was closed during the attempt.
        SendResult::Retry(_) if queue.closed => stats.drop_queued(signal, why::SHUTDOWN, items),
        SendResult::Retry(delay) => {
            queue.backoff.failed(inner, delay);
            put_back(inner, &mut queue, batch);
            inner.changed.notify_all();
            return;
        }
    }
    queue.backoff = Backoff::default();
    inner.changed.notify_all();
}

/// Puts a batch back for a retry, or drops it if it has been tried for too long or there is no room.
fn put_back<B: Body>(inner: &Inner<B>, queue: &mut Queue<B>, batch: QueuedBatch<B>) {
    let (signal, items) = (batch.signal as usize, batch.items);
    let stats = &inner.stats;
    let why = if queue.closing.is_some() {
        // There is no time for retries at shutdown, so the other batches are dropped as well.
        inner.drop_all(queue);
        Some(why::SHUTDOWN)
    } else if queue.backoff.failures > max_attempts(inner) {
        Some(why::NETWORK_ERROR)
    } else if queue.bytes[signal] + batch.body.size() > inner.limits.bytes {
        // Newer batches have filled the queue meanwhile.
        Some(why::QUEUE_FULL)
    } else {
        None
    };
    match why {
        Some(why) => stats.drop_queued(batch.signal, why, items),
        None => {
            queue.bytes[signal] += batch.body.size();
            queue.waiting[signal].push_front(batch);
        }
    }
    // A flush does not skip the pause that follows a failure.
    queue.is_flushing = false;
}

/// Returns the number of failures in a row after which the pauses add up to the retry limit.
fn max_attempts<B: Body>(inner: &Inner<B>) -> u32 {
    let limits = &inner.limits;
    let (mut pause, mut total, mut count) = (limits.pause, Duration::ZERO, 1);
    while total < limits.retry_for && count < 1000 {
        total += pause;
        pause = (pause * 2).min(limits.longest_pause);
        count += 1;
    }
    count
}

impl Backoff {
    /// Counts a failure, and sets the pause before the next attempt: the delay that the backend asked for, or twice the
    /// previous pause with jitter.
    fn failed<B: Body>(&mut self, inner: &Inner<B>, delay: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        let limits = &inner.limits;
        let doubled = limits.pause * 2_u32.saturating_pow(self.failures.min(16) - 1);
        let pause = doubled.min(limits.longest_pause);
        // Between one half and the whole pause, so that many processes do not retry at the same time.
        let jitter = (crate::collect::trace::ids::span() % 512) as f64 / 1024.0;
        let pause = delay.unwrap_or_else(|| pause.mul_f64(0.5 + jitter));
        self.until = Some(Instant::now() + pause);
        inner.stats.failed(self.failures);
    }
}
