//! The thread itself.

use super::assemble::Assembly;
use super::open::OpenSpans;
use super::processor::Processors;
use super::shared::{Shared, TICK};
use super::span::FinishedSpan;
use super::{Consumer, Trace};
use crate::base::clock;
use crate::collect::trace::{frame, record};
use crate::collect::{dropped, record_queue};
use crate::model::drop_reason::DropReason;
use crate::model::record::Record;
use crate::model::span::SpanEnd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Starts the background thread.
///
/// # Errors
/// The system refuses a thread.
pub(crate) fn start(
    consumers: Vec<Box<dyn Consumer>>,
    processors: Processors,
) -> std::io::Result<Arc<Shared>> {
    let queues = consumers
        .iter()
        .flat_map(|consumer| consumer.queues())
        .collect();
    let shared = Arc::new(Shared::new(queues));
    let mut worker = Worker {
        shared: Arc::clone(&shared),
        consumers,
        processors,
        open: OpenSpans::default(),
        held: Vec::new(),
        traces: Assembly::default(),
    };
    let handle = crate::base::internal_thread::spawn("instrumental", move || worker.run())?;
    record::set_consumer(handle.thread().clone());
    Ok(shared)
}

struct Worker {
    shared: Arc<Shared>,
    consumers: Vec<Box<dyn Consumer>>,
    processors: Processors,
    open: OpenSpans,
    /// Ends whose beginnings may not have been seen.
    held: Vec<SpanEnd>,
    traces: Assembly,
}

impl Worker {
    fn run(&mut self) {
        let mut calibrated = Instant::now();
        loop {
            if self.shared.is_stopping() {
                break;
            }
            match self.shared.wanted_flush() {
                Some(flush) => {
                    self.flush();
                    self.shared.flushed(flush);
                }
                None => self.round(false),
            }
            self.shared.round_done(false);
            if calibrated.elapsed() > Duration::from_secs(60) {
                clock::recalibrate();
                calibrated = Instant::now();
            }
            std::thread::park_timeout(TICK);
        }
        self.close();
    }

    /// Everything reported so far is on its way when this returns.
    fn flush(&mut self) {
        // What the last look held back.
        self.round(false);
        self.round(true);
        self.each(|consumer| consumer.flush());
    }

    fn close(&mut self) {
        let deadline = self.shared.deadline();
        self.flush();
        self.each(|consumer| consumer.close());
        let queues = self.shared.queues();
        queues.iter().for_each(|queue| queue.close(deadline));
        queues.iter().for_each(|queue| queue.wait(deadline));
        self.shared.round_done(true);
    }

    fn round(&mut self, all: bool) {
        // Records first: the span that a record names has begun before, so its beginning is in the buffers by now.
        let records = record_queue::take();
        let mut ends = std::mem::take(&mut self.held);
        self.look(&mut ends);
        // A span may begin in a buffer that was read and end in one that was not yet. What is found at the second look
        // began before the next, so it waits for that.
        let mut held = Vec::new();
        self.look(&mut held);
        self.held = held;
        let now = Instant::now();
        for record in records {
            self.record(record, now);
        }
        self.open.ended.clear();
        for end in ends {
            let fields = self.open.take(end.span);
            if end.is(frame::VOID) {
                continue;
            }
            if let Some(fields) = &fields {
                self.open.ended.insert(end.span, fields.clone());
            }
            self.traces.span(FinishedSpan::new(&end, fields), now);
        }
        let mut traces = std::mem::take(&mut self.traces);
        traces.round(now, all, |trace| self.hand_on(trace));
        self.traces = traces;
        self.each(|consumer| consumer.tick(now));
    }

    /// Passes a record to the processors, and what they keep to the consumers.
    fn record(&mut self, mut record: Record, now: Instant) {
        if let Record::Report(report) = &mut record
            && let Some(report) = Arc::get_mut(report)
        {
            report.around = self.open.fields(report.place.span).cloned();
        }
        if self.processors.record(&mut record) {
            self.traces.record(&record, now);
            self.each(|consumer| consumer.record(&record));
        }
    }

    fn hand_on(&mut self, mut trace: Trace) {
        trace.spans.retain_mut(|span| self.processors.span(span));
        if !trace.spans.is_empty() {
            crate::pipeline::exemplars::note(&trace);
            self.each(|consumer| consumer.trace(&trace));
        }
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

    /// A backend that panics loses its turn, not its place.
    fn each(&mut self, mut call: impl FnMut(&mut dyn Consumer)) {
        for consumer in &mut self.consumers {
            if catch_unwind(AssertUnwindSafe(|| call(&mut **consumer))).is_err() {
                dropped::count(DropReason::BackendPanicked);
            }
        }
    }
}
