//! What the background thread and its owner share.

use crate::base::sync::lock;
use crate::collect::trace::record;
use crate::pipeline::queue::AnyQueue;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::task::Waker;
use std::time::{Duration, Instant};

/// How often the buffers are read when nobody calls.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// What the background thread and its owner share.
pub(crate) struct Shared {
    stopping: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
    queues: Vec<Box<dyn AnyQueue>>,
}

/// Whether there is nobody to wait for: in a hook, which runs on a thread that others wait for, and in a process that
/// was forked off.
pub(crate) fn is_alone() -> bool {
    crate::base::internal_thread::is_internal() || crate::base::fork::is_child()
}

#[derive(Default)]
struct State {
    deadline: Option<Instant>,
    /// Rounds completed, each of which took everything reported before it began.
    rounds: u64,
    /// Flushes asked for, and done.
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

    /// Asks the thread to finish by `deadline`.
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

    /// Waits until the thread has finished; `false` when it has not by `deadline`.
    pub(crate) fn wait(&self, deadline: Instant) -> bool {
        self.wait_until(deadline, |state| state.done)
    }

    /// Waits until the backends have everything reported so far; `false` when they have not by `deadline`.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        if is_alone() {
            return false;
        }
        // The round under way may have begun before the call.
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

    /// The flush to be done in this round, if one was asked for.
    pub(super) fn wanted_flush(&self) -> Option<u64> {
        let (wanted, done) = lock(&self.state).flushes;
        (wanted > done).then_some(wanted)
    }

    pub(super) fn flushed(&self, flush: u64) {
        lock(&self.state).flushes.1 = flush;
        self.changed.notify_all();
    }

    fn wait_until(&self, deadline: Instant, until: impl Fn(&State) -> bool) -> bool {
        if is_alone() {
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

    /// Whether the thread has finished; else wakes `waker` when it has.
    pub(crate) fn poll_done(&self, waker: &Waker) -> bool {
        let mut state = lock(&self.state);
        state.waker = Some(waker.clone());
        state.done
    }

    /// Wakes whoever waits.
    pub(crate) fn wake(&self) {
        if let Some(waker) = lock(&self.state).waker.take() {
            waker.wake();
        }
    }

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
