//! Assembles ended spans into traces. Spans are held until the local root of their trace has ended, so that backends get
//! whole traces, and a trace that was sampled out can still be exported if it failed or was slow.

use super::span::{FinishedSpan, SamplingReason, Trace};
use crate::base::drop_counts;
use crate::collect::trace::frame;
use crate::model::drop_reason::DropReason;
use crate::model::incoming::Incoming;
use crate::model::record::{EventRecord, Record, Report, ReportKind};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The maximum size of the held spans of all traces, in bytes.
const MAX_BYTES: usize = 8 << 20;
/// The maximum number of held spans of a trace. Once it is reached, they are exported without their root.
const MAX_SPANS: usize = 1000;
/// How long spans of a sampled trace wait for their root.
const MAX_AGE: Duration = Duration::from_secs(10);
/// How long spans of a trace that was sampled out wait for their root. Longer, because they are dropped if the root does
/// not end by then.
const MAX_UNSAMPLED_AGE: Duration = Duration::from_secs(60);
/// The maximum number of ended traces whose sampling decision is remembered, for spans that end after their root.
const MAX_DECISIONS: usize = 4096;
/// The maximum number of events, reports and incoming contexts attached to the spans of one trace.
const MAX_ATTACHMENTS: usize = 128;

/// Data that is attached to a span.
enum Attachment {
    Event(Arc<EventRecord>),
    Report(Arc<Report>),
    Incoming(Arc<Incoming>),
}

/// The traces that have not ended.
#[derive(Default)]
pub(super) struct Assembly {
    pending: HashMap<u128, PendingTrace>,
    /// The ids of `pending`, in the order of their first span.
    order: VecDeque<u128>,
    /// The size of the held spans, in bytes.
    bytes: usize,
    /// The sampling decisions of ended traces.
    decisions: HashMap<u128, Option<SamplingReason>>,
    decision_order: VecDeque<u128>,
}

struct PendingTrace {
    spans: Vec<FinishedSpan>,
    attachments: Vec<(u64, Attachment)>,
    since: Instant,
    sampled: bool,
    failed: bool,
    slow: bool,
    /// The number of rounds since the root ended. Spans of other threads, and reports, may arrive one round later.
    ended: Option<u8>,
}

impl PendingTrace {
    /// Returns why the trace is exported; `None` if it is not.
    fn sampling_reason(&self) -> Option<SamplingReason> {
        match (self.sampled, self.failed, self.slow) {
            (true, ..) => Some(SamplingReason::Sampled),
            (_, true, _) => Some(SamplingReason::Failed),
            (.., true) => Some(SamplingReason::Slow),
            _ => None,
        }
    }

    /// Returns whether the trace has ended, or its spans cannot wait any longer for its root.
    fn is_over(&self, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.since);
        match self.ended {
            Some(rounds) => rounds > 1,
            None if self.sampled => self.spans.len() >= MAX_SPANS || age > MAX_AGE,
            None => age > MAX_UNSAMPLED_AGE,
        }
    }
}

impl Assembly {
    /// Adds a span that has ended.
    pub(super) fn span(&mut self, span: FinishedSpan, now: Instant) {
        let size = span.size();
        let sampled = span.is(frame::SAMPLED);
        let pending = self.pending(span.trace, now);
        pending.sampled |= sampled;
        pending.slow |= span.is_slow();
        if span.is_root() {
            pending.failed |= span.is_failed();
            pending.ended = Some(0);
        }
        pending.spans.push(span);
        self.bytes += size;
    }

    /// Attaches a record to the span that it was recorded in.
    pub(super) fn record(&mut self, record: &Record, now: Instant) {
        let (trace, span, attachment) = match record {
            Record::Event(event) if event.place.recorded => {
                let place = event.place;
                let event = Attachment::Event(Arc::clone(event));
                (place.trace, place.span, event)
            }
            Record::Report(report) if report.place.recorded => {
                let place = report.place;
                let report = Attachment::Report(Arc::clone(report));
                (place.trace, place.span, report)
            }
            Record::Incoming(place, incoming) if place.recorded => {
                let incoming = Attachment::Incoming(Arc::clone(incoming));
                (place.trace, place.span, incoming)
            }
            _ => return,
        };
        let pending = self.pending(trace, now);
        if let Attachment::Report(report) = &attachment {
            pending.failed |= is_failure(report);
            pending.slow |= report.kind == ReportKind::Slow;
        }
        if pending.attachments.len() < MAX_ATTACHMENTS {
            pending.attachments.push((span, attachment));
        }
    }

    fn pending(&mut self, trace: u128, now: Instant) -> &mut PendingTrace {
        let decisions = &self.decisions;
        let order = &mut self.order;
        self.pending.entry(trace).or_insert_with(|| {
            order.push_back(trace);
            // Spans that end after their trace get its decision. There is no root to wait for.
            let decision = decisions.get(&trace).copied();
            let has = |reason| decision == Some(Some(reason));
            PendingTrace {
                spans: Vec::new(),
                attachments: Vec::new(),
                since: now,
                sampled: has(SamplingReason::Sampled),
                failed: has(SamplingReason::Failed),
                slow: has(SamplingReason::Slow),
                ended: decision.map(|_| 0),
            }
        })
    }

    /// Passes the traces that are over to `each`; all traces if `all` is set.
    pub(super) fn round(&mut self, now: Instant, all: bool, mut each: impl FnMut(Trace)) {
        for pending in self.pending.values_mut() {
            if let Some(rounds) = &mut pending.ended {
                *rounds += 1;
            }
        }
        let mut waiting = VecDeque::with_capacity(self.order.len());
        let mut over = std::mem::take(&mut self.order);
        while let Some(trace) = over.pop_front() {
            let full = self.bytes > MAX_BYTES;
            let is_over = |pending: &PendingTrace| all || full || pending.is_over(now);
            if self.pending.get(&trace).is_some_and(is_over) {
                if let Some(pending) = self.pending.remove(&trace) {
                    self.end(trace, pending, &mut each);
                }
            } else {
                waiting.push_back(trace);
            }
        }
        self.order = waiting;
    }

    fn end(&mut self, id: u128, pending: PendingTrace, each: &mut impl FnMut(Trace)) {
        let decision = pending.sampling_reason();
        self.bytes -= pending.spans.iter().map(FinishedSpan::size).sum::<usize>();
        if pending.ended.is_some() {
            self.remember(id, decision);
        }
        let Some(reason) = decision else {
            if pending.ended.is_none() {
                drop_counts::add(DropReason::TraceUnfinished, pending.spans.len() as u64);
            }
            return;
        };
        let mut trace = Trace {
            id,
            kept: reason,
            spans: pending.spans,
        };
        attach(&mut trace.spans, pending.attachments);
        if !trace.spans.is_empty() {
            each(trace);
        }
    }

    fn remember(&mut self, trace: u128, decision: Option<SamplingReason>) {
        if self.decisions.insert(trace, decision).is_none() {
            self.decision_order.push_back(trace);
        }
        if self.decision_order.len() > MAX_DECISIONS
            && let Some(oldest) = self.decision_order.pop_front()
        {
            self.decisions.remove(&oldest);
        }
    }
}

fn is_failure(report: &Report) -> bool {
    matches!(
        report.kind,
        ReportKind::Error | ReportKind::Manual | ReportKind::Panic
    )
}

fn attach(spans: &mut [FinishedSpan], attachments: Vec<(u64, Attachment)>) {
    if attachments.is_empty() {
        return;
    }
    let index: HashMap<u64, usize> = spans.iter().enumerate().map(|(n, s)| (s.span, n)).collect();
    for (span, attachment) in attachments {
        let Some(span) = index.get(&span).and_then(|at| spans.get_mut(*at)) else {
            continue;
        };
        match attachment {
            Attachment::Event(event) => span.events.push(event),
            Attachment::Report(report) if is_failure(&report) => span.report = Some(report),
            Attachment::Report(_) => {}
            Attachment::Incoming(incoming) => span.incoming = Some(incoming),
        }
    }
}
