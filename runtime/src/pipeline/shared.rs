//! The state that the background thread shares with the guard.

use crate::base::sync::lock;
use crate::collect::trace::record;
use crate::pipeline::queue::AnyQueue;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::task::Waker;
use std::time::{Duration, Instant};

/// The longest pause between two rounds of the background thread.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// The state that the background thread shares with the guard.
pub(crate) struct Shared {
    stopping: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
    queues: Vec<Box<dyn AnyQueue>>,
}

/// Returns whether this thread must not wait for the background thread: in a hook, which may run on that thread itself, and
/// in a forked process, which does not have it.
pub(crate) fn must_not_wait() -> bool {
    crate::base::internal_thread::is_internal() || crate::base::fork::is_child()
}

#[derive(Default)]
struct State {
    deadline: Option<Instant>,
    /// The number of completed rounds. A round processes everything reported before its start.
    rounds: u64,
    /// The numbers of requested and of completed flushes.
    flushes: (u64, u64),
    done: bool,
    waker: Option<Waker>,
}

impl Shared {
    pub(super) fn new(queues: Vec<Box<dyn AnyQueue>>) -> Self {
        Self {
            stopping: AtomicBool::new(false),
            state: Mutex::default(),
            changed: Condvar::new(),
            queues,
        }
    }

    pub(super) fn queues(&self) -> &[Box<dyn AnyQueue>] {
        &self.queues
    }

    /// Asks the background thread to finish by `deadline`.
    pub(crate) fn stop(&self, deadline: Instant) {
        lock(&self.state).deadline = Some(deadline);
        self.stopping.store(true, SeqCst);
        record::wake();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(SeqCst)
    }

    pub(super) fn deadline(&self) -> Instant {
        lock(&self.state).deadline.unwrap_or_else(Instant::now)
    }

    /// Waits until the background thread has finished. Returns `false` if it has not by `deadline`.
    pub(crate) fn wait(&self, deadline: Instant) -> bool {
        self.wait_until(deadline, |state| state.done)
    }

    /// Waits until everything reported so far was sent. Returns `false` if it was not by `deadline`.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        if must_not_wait() {
            return false;
        }
        // The current round may have started before this call, so the next one has to complete as well.
        let rounds = lock(&self.state).rounds;
        if !self.wait_until(deadline, |state| state.done || state.rounds >= rounds + 2) {
            return false;
        }
        let wanted = {
            let mut state = lock(&self.state);
            state.flushes.0 += 1;
            state.flushes.0
        };
        self.wait_until(deadline, |state| state.done || state.flushes.1 >= wanted)
            && self.queues.iter().all(|queue| queue.flush(deadline))
    }

    /// Returns the number of the flush to do in this round, if one was requested.
    pub(super) fn requested_flush(&self) -> Option<u64> {
        let (wanted, done) = lock(&self.state).flushes;
        (wanted > done).then_some(wanted)
    }

    /// Marks a flush as done.
    pub(super) fn flushed(&self, flush: u64) {
        lock(&self.state).flushes.1 = flush;
        self.changed.notify_all();
    }

    fn wait_until(&self, deadline: Instant, until: impl Fn(&State) -> bool) -> bool {
        if must_not_wait() {
            return false;
        }
        let mut state = lock(&self.state);
        while !until(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            record::wake();
            let waited = self.changed.wait_timeout(state, left.min(TICK));
            state = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
        true
    }

    /// Returns whether the background thread has finished. If it has not, it wakes `waker` when it finishes.
    pub(crate) fn poll_done(&self, waker: &Waker) -> bool {
        let mut state = lock(&self.state);
        state.waker = Some(waker.clone());
        state.done
    }

    /// Wakes the future that waits for the shutdown.
    pub(crate) fn wake(&self) {
        if let Some(waker) = lock(&self.state).waker.take() {
            waker.wake();
        }
    }

    /// Marks a round as completed; with `done`, also the background thread's work.
    pub(super) fn round_done(&self, done: bool) {
        let mut state = lock(&self.state);
        state.rounds += 1;
        state.done = done;
        drop(state);
        self.changed.notify_all();
        if done {
            self.wake();
        }
    }
}
