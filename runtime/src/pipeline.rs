//! The background thread: gathers what was reported, once, and hands it to every backend.

use crate::clock;
use crate::lost::{self, Reason};
use crate::model::outcome::Outcome;
use crate::tap::{self, Record};
use crate::trace::fields::Fields;
use crate::trace::record::{self, Origin, SpanEnd};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::task::Waker;
use std::time::{Duration, Instant, SystemTime};

/// How often the buffers are read when nobody calls.
const TICK: Duration = Duration::from_millis(100);
/// Spans that have begun and not ended whose fields are kept.
const MAX_OPEN: usize = 65_536;

/// A backend, run on the background thread.
pub(crate) trait Sink: Send {
    /// Spans that ended, in no particular order.
    fn spans(&mut self, spans: &[FinishedSpan]);
    /// Something that happened. `fields_of` finds the fields of a span that is still open.
    fn record(&mut self, record: &Record, open: &OpenSpans);
    /// Called after everything gathered in one round.
    fn tick(&mut self) {}
    /// The last call. Must be done by the deadline.
    fn close(&mut self, deadline: Instant);
}

/// A span that has ended.
pub(crate) struct FinishedSpan {
    pub(crate) origin: Origin,
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) parent: u64,
    pub(crate) start: SystemTime,
    /// Orders spans of one process exactly.
    pub(crate) start_ticks: u64,
    pub(crate) duration: Duration,
    pub(crate) outcome: Outcome,
    pub(crate) error: &'static str,
    pub(crate) fields: Option<Fields>,
}

/// Fields of spans that have begun and not ended, and of those that have just ended.
#[derive(Default)]
pub(crate) struct OpenSpans {
    young: HashMap<u64, Fields>,
    /// The ones before. Given up when the young ones are too many again: their ends were lost under load, most likely.
    old: HashMap<u64, Fields>,
    /// Those that ended in the last round: a report of a call is made after its end.
    ended: HashMap<u64, Fields>,
}

impl OpenSpans {
    /// The fields a span has recorded so far.
    pub(crate) fn fields(&self, span: u64) -> Option<&Fields> {
        [&self.young, &self.old, &self.ended]
            .into_iter()
            .find_map(|spans| spans.get(&span))
    }

    /// A span has recorded fields.
    fn add(&mut self, span: u64, fields: Fields) {
        let known = match self.young.get_mut(&span) {
            None => self.old.get_mut(&span),
            known => known,
        };
        if let Some(known) = known {
            return known.extend(&fields);
        }
        if self.young.len() >= MAX_OPEN / 2 {
            let given_up = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            lost::count_many(Reason::SpanQueueFull, given_up.len() as u64);
        }
        self.young.insert(span, fields);
    }

    /// A span has ended.
    fn take(&mut self, span: u64) -> Option<Fields> {
        let young = self.young.remove(&span);
        young.or_else(|| self.old.remove(&span))
    }
}

/// What the background thread and its owner share.
pub(crate) struct Shared {
    stopping: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    deadline: Option<Instant>,
    /// Rounds completed, each of which took everything reported before it began.
    rounds: u64,
    done: bool,
    waker: Option<Waker>,
}

impl Shared {
    /// Asks the thread to finish by `deadline`.
    pub(crate) fn stop(&self, deadline: Instant) {
        crate::per_thread::lock(&self.state).deadline = Some(deadline);
        self.stopping.store(true, SeqCst);
        record::wake();
    }

    /// Waits until the thread has finished; `false` when it has not by `deadline`.
    pub(crate) fn wait(&self, deadline: Instant) -> bool {
        self.wait_until(deadline, |state| state.done)
    }

    /// Waits until everything reported so far is with the backends; `false` when it is not by `deadline`.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        let rounds = crate::per_thread::lock(&self.state).rounds;
        record::wake();
        // The round under way may have begun before the call.
        self.wait_until(deadline, |state| state.done || state.rounds >= rounds + 2)
    }

    fn wait_until(&self, deadline: Instant, until: impl Fn(&State) -> bool) -> bool {
        let mut state = crate::per_thread::lock(&self.state);
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
        let mut state = crate::per_thread::lock(&self.state);
        state.waker = Some(waker.clone());
        state.done
    }

    /// Wakes whoever waits.
    pub(crate) fn wake(&self) {
        if let Some(waker) = crate::per_thread::lock(&self.state).waker.take() {
            waker.wake();
        }
    }

    fn round_done(&self, done: bool) {
        let mut state = crate::per_thread::lock(&self.state);
        state.rounds += 1;
        state.done = done;
        drop(state);
        self.changed.notify_all();
        if done {
            self.wake();
        }
    }
}

/// Starts the background thread.
///
/// # Errors
/// The system refuses a thread.
pub(crate) fn start(sinks: Vec<Box<dyn Sink>>) -> std::io::Result<Arc<Shared>> {
    let shared = Arc::new(Shared {
        stopping: AtomicBool::new(false),
        state: Mutex::default(),
        changed: Condvar::new(),
    });
    let mut worker = Worker {
        shared: Arc::clone(&shared),
        sinks,
        open: OpenSpans::default(),
        held: Vec::new(),
    };
    let thread = std::thread::Builder::new().name("instrumental".into());
    let handle = thread.spawn(move || worker.run())?;
    record::set_consumer(handle.thread().clone());
    Ok(shared)
}

struct Worker {
    shared: Arc<Shared>,
    sinks: Vec<Box<dyn Sink>>,
    open: OpenSpans,
    /// Ends whose beginnings may not have been seen.
    held: Vec<SpanEnd>,
}

impl Worker {
    fn run(&mut self) {
        let mut calibrated = Instant::now();
        loop {
            let stopping = self.shared.stopping.load(SeqCst);
            self.round();
            if stopping {
                // What the last look held back.
                self.round();
                break;
            }
            self.shared.round_done(false);
            if calibrated.elapsed() > Duration::from_secs(60) {
                clock::recalibrate();
                calibrated = Instant::now();
            }
            std::thread::park_timeout(TICK);
        }
        let deadline = crate::per_thread::lock(&self.shared.state).deadline;
        let deadline = deadline.unwrap_or_else(Instant::now);
        self.each(|sink, _| sink.close(deadline));
        self.shared.round_done(true);
    }

    fn round(&mut self) {
        // Records first: the span that a record names has begun before, so its beginning is in the buffers by now.
        let records = tap::take();
        let mut ends = std::mem::take(&mut self.held);
        self.look(&mut ends);
        // A span may begin in a buffer that was read and end in one that was not yet. What is found at the second look
        // began before the next, so it waits for that.
        let mut held = Vec::new();
        self.look(&mut held);
        self.held = held;
        for record in &records {
            self.each(|sink, open| sink.record(record, open));
        }
        ends.retain(|end| !end.void || self.open.take(end.span).is_some_and(|_| false));
        let spans: Vec<FinishedSpan> = ends.into_iter().map(|end| self.finish(end)).collect();
        if !spans.is_empty() {
            self.each(|sink, _| sink.spans(&spans));
        }
        let ended = spans.into_iter();
        self.open.ended = ended.filter_map(|s| Some((s.span, s.fields?))).collect();
        self.each(|sink, _| sink.tick());
    }

    /// Takes what the buffers hold.
    fn look(&mut self, ends: &mut Vec<SpanEnd>) {
        record::drain(|batch| {
            for (start, fields) in batch.starts() {
                self.open.add(start.span, fields);
            }
            ends.extend_from_slice(&batch.ends);
        });
    }

    fn finish(&mut self, end: SpanEnd) -> FinishedSpan {
        FinishedSpan {
            origin: end.origin,
            trace: end.trace_id(),
            span: end.span,
            parent: end.parent,
            start: clock::wall(end.start),
            start_ticks: end.start,
            duration: clock::duration(end.start, end.end),
            outcome: end.outcome,
            error: end.error,
            fields: self.open.take(end.span),
        }
    }

    /// A backend that panics loses its turn, not its place.
    fn each(&mut self, mut call: impl FnMut(&mut dyn Sink, &OpenSpans)) {
        for sink in &mut self.sinks {
            let open = &self.open;
            if catch_unwind(AssertUnwindSafe(|| call(&mut **sink, open))).is_err() {
                lost::count(Reason::BackendPanicked);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_whose_ends_were_lost_do_not_fill_the_memory() {
        static SPAN: tracing::Metadata<'static> = tracing::Metadata::new(
            "work",
            "shop",
            tracing::Level::INFO,
            None,
            None,
            None,
            tracing::field::FieldSet::new(&["id"], tracing::callsite::Identifier(&CALLSITE)),
            tracing::metadata::Kind::SPAN,
        );
        static CALLSITE: tracing::callsite::DefaultCallsite =
            tracing::callsite::DefaultCallsite::new(&SPAN);
        let fields = || Fields::new(SPAN.fields(), Vec::new());
        let mut open = OpenSpans::default();
        for span in 0..10 * MAX_OPEN as u64 {
            open.add(span, fields());
        }
        assert!(open.young.len() + open.old.len() <= MAX_OPEN);
        let last = 10 * MAX_OPEN as u64 - 1;
        assert!(open.fields(last).is_some() && open.fields(0).is_none());
    }
}
