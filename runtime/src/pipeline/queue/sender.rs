//! The thread that sends what is in a queue.

use super::signal::why;
use super::transport::{Body, QueuedBatch, SendResult, Transport};
use super::waiting::{Inner, Queue, Trouble};
use crate::base::sync::lock;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(super) fn run<B: Body>(inner: &Inner<B>, mut transport: impl Transport<B>) {
    while let Some((batch, deadline)) = next(inner) {
        carry(inner, &mut transport, batch, deadline);
    }
    let deadline = lock(&inner.queue).closing.unwrap_or_else(Instant::now);
    // A transport that panics has nothing more to say.
    let _ = catch_unwind(AssertUnwindSafe(|| transport.close(deadline)));
    let mut queue = lock(&inner.queue);
    queue.transports -= 1;
    if queue.transports == 0 {
        inner.give_up(&mut queue);
    }
}

/// Waits for the next batch; `None`: that was all.
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
        let until = queue.trouble.until.filter(|until| *until > now);
        let pausing = until.filter(|_| closing.is_none() && !queue.hurry);
        if pausing.is_none() {
            if let Some(batch) = queue.next() {
                queue.busy += 1;
                let deadline = now + inner.limits.attempt;
                let deadline = closing.map_or(deadline, |closing| deadline.min(closing));
                return Some((batch, deadline));
            }
            // What another transport holds may come back.
            if closing.is_some() && queue.busy == 0 {
                return None;
            }
            queue.hurry &= queue.busy > 0;
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

fn carry<B: Body>(
    inner: &Inner<B>,
    transport: &mut impl Transport<B>,
    batch: QueuedBatch<B>,
    deadline: Instant,
) {
    let attempt = catch_unwind(AssertUnwindSafe(|| transport.send(&batch, deadline)));
    let delivery = attempt.unwrap_or(SendResult::Refused(why::INTERNAL));
    let stats = &inner.stats;
    // Always asked, so that no transport keeps what is over.
    let failure = catch_unwind(AssertUnwindSafe(|| transport.failure()));
    if let (true, Ok(Some(failure))) = (delivery != SendResult::Done, failure) {
        stats.told(failure);
    }
    let mut queue = lock(&inner.queue);
    queue.busy -= 1;
    let (signal, items) = (batch.signal, batch.items);
    let taken = matches!(delivery, SendResult::Done | SendResult::Partly { .. });
    // One without items tells of losses, and was perhaps not sent at all.
    if taken && items > 0 && !queue.closed {
        stats.sent(signal, batch.body.size());
    }
    match delivery {
        SendResult::Done => stats.deliver(signal, items),
        SendResult::Partly { refused } => {
            stats.deliver(signal, items.saturating_sub(refused));
            stats.drop_queued(signal, why::SEND_ERROR, refused.min(items));
        }
        SendResult::Refused(why) => stats.drop_queued(signal, why, items),
        // The end came while it was tried.
        SendResult::Retry(_) if queue.closed => stats.drop_queued(signal, why::SHUTDOWN, items),
        SendResult::Retry(asked) => {
            queue.trouble.again(inner, asked);
            retry(inner, &mut queue, batch);
            inner.changed.notify_all();
            return;
        }
    }
    queue.trouble = Trouble::default();
    inner.changed.notify_all();
}

/// Puts a batch back, unless it is too late for it.
fn retry<B: Body>(inner: &Inner<B>, queue: &mut Queue<B>, batch: QueuedBatch<B>) {
    let (signal, items) = (batch.signal as usize, batch.items);
    let stats = &inner.stats;
    let why = if queue.closing.is_some() {
        // It is not there, and there is no time to wait for it: nor for the rest.
        inner.give_up(queue);
        Some(why::SHUTDOWN)
    } else if queue.trouble.failures > attempts(inner) {
        Some(why::NETWORK_ERROR)
    } else if queue.bytes[signal] + batch.body.size() > inner.limits.bytes {
        // Newer ones took its place meanwhile.
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
    // A flush that cannot be had is not waited for.
    queue.hurry = false;
}

/// Failures in a row after which the oldest batch has been tried for long enough.
fn attempts<B: Body>(inner: &Inner<B>) -> u32 {
    let limits = &inner.limits;
    let (mut pause, mut total, mut count) = (limits.pause, Duration::ZERO, 1);
    while total < limits.give_up && count < 1000 {
        total += pause;
        pause = (pause * 2).min(limits.longest_pause);
        count += 1;
    }
    count
}

impl Trouble {
    fn again<B: Body>(&mut self, inner: &Inner<B>, asked: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        let limits = &inner.limits;
        let doubled = limits.pause * 2_u32.saturating_pow(self.failures.min(16) - 1);
        let pause = doubled.min(limits.longest_pause);
        // Between a half and the whole, so that many processes do not come back at once.
        let jitter = (crate::collect::trace::ids::span() % 512) as f64 / 1024.0;
        let pause = asked.unwrap_or_else(|| pause.mul_f64(0.5 + jitter));
        self.until = Some(Instant::now() + pause);
        inner.stats.failed(self.failures);
    }
}
