//! The background thread.

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
/// If the system refuses a thread.
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
    /// Ended spans whose starts may be in a buffer that was not read yet. The next round processes them.
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
            match self.shared.requested_flush() {
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

    /// Puts everything reported so far into the export queues.
    fn flush(&mut self) {
        // The second round processes the spans that the first one holds back.
        self.round(false);
        self.round(true);
        self.each(|consumer| consumer.flush());
    }

    /// Flushes, and waits until the queues are closed.
    fn close(&mut self) {
        let deadline = self.shared.deadline();
        self.flush();
        self.each(|consumer| consumer.close());
        let queues = self.shared.queues();
        queues.iter().for_each(|queue| queue.close(deadline));
        queues.iter().for_each(|queue| queue.wait(deadline));
        self.shared.round_done(true);
    }

    /// Processes everything collected since the last round. If `all`, also exports traces whose root has not ended.
    fn round(&mut self, all: bool) {
        // Records are taken first: the span of a record has started before it, so the start is in the buffers by now.
        let records = record_queue::take();
        let mut ends = std::mem::take(&mut self.held);
        self.drain(&mut ends);
        // A span may start on one thread and end on another. If the buffer of the first was drained before the start and
        // that of the second after the end, only the end was seen. The second drain therefore reads the starts of all
        // ends that the first one found; the ends that it finds itself are held for the next round.
        let mut held = Vec::new();
        self.drain(&mut held);
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
        traces.round(now, all, |trace| self.export(trace));
        self.traces = traces;
        self.each(|consumer| consumer.tick(now));
    }

    /// Passes a record to the processors, and to the consumers if no processor drops it.
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

    /// Passes a trace to the processors, and the spans that they keep to the consumers.
    fn export(&mut self, mut trace: Trace) {
        trace.spans.retain_mut(|span| self.processors.span(span));
        if !trace.spans.is_empty() {
            crate::pipeline::exemplars::record(&trace);
            self.each(|consumer| consumer.trace(&trace));
        }
    }

    /// Drains the buffers of all threads: stores the fields of started spans, and appends ended spans to `ends`.
    fn drain(&mut self, ends: &mut Vec<SpanEnd>) {
        record::drain(|batch| {
            for (start, fields) in batch.starts() {
                self.open.add(start.span, fields);
            }
            ends.extend_from_slice(&batch.ends);
        });
    }

    /// Calls each consumer. A panic is counted, and does not affect the other consumers or later calls.
    fn each(&mut self, mut call: impl FnMut(&mut dyn Consumer)) {
        for consumer in &mut self.consumers {
            if catch_unwind(AssertUnwindSafe(|| call(&mut **consumer))).is_err() {
                dropped::count(DropReason::BackendPanicked);
            }
        }
    }
}
