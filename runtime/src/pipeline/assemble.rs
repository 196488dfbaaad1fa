//! Spans held by trace until the span that began it here has ended: so every backend gets whole traces, and it is
//! known by then whether one that was sampled out is worth keeping.

use super::span::{FinishedSpan, SamplingReason, Trace};
use crate::base::drop_counts;
use crate::collect::trace::frame;
use crate::model::drop_reason::DropReason;
use crate::model::incoming::Incoming;
use crate::model::record::{EventRecord, Record, Report, ReportKind};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes held over all traces.
const MAX_BYTES: usize = 8 << 20;
/// Spans of a trace that are held; then they go on without their root.
const MAX_SPANS: usize = 1000;
/// How long spans wait for their root.
const MAX_AGE: Duration = Duration::from_secs(10);
/// How long those of a trace that was sampled out do: what becomes of them is known only then.
const MAX_UNSAMPLED_AGE: Duration = Duration::from_secs(60);
/// Traces whose fate is remembered after they ended, for spans that outlive them.
const MAX_PAST: usize = 4096;
/// What is attached to a span: more of one trace is not.
const MAX_NOTES: usize = 128;

/// What happened in a span.
pub(super) enum Note {
    Event(Arc<EventRecord>),
    Report(Arc<Report>),
    Incoming(Arc<Incoming>),
}

/// Traces that have not ended.
#[derive(Default)]
pub(super) struct Assembly {
    held: HashMap<u128, Held>,
    /// In the order of their first span.
    order: VecDeque<u128>,
    bytes: usize,
    past: HashMap<u128, Option<SamplingReason>>,
    past_order: VecDeque<u128>,
}

struct Held {
    spans: Vec<FinishedSpan>,
    notes: Vec<(u64, Note)>,
    since: Instant,
    sampled: bool,
    failed: bool,
    slow: bool,
    /// Rounds since its root ended: a thread's spans, and reports of a call, may come one round later.
    ended: Option<u8>,
}

impl Held {
    fn kept(&self) -> Option<SamplingReason> {
        match (self.sampled, self.failed, self.slow) {
            (true, ..) => Some(SamplingReason::Sampled),
            (_, true, _) => Some(SamplingReason::Failed),
            (.., true) => Some(SamplingReason::Slow),
            _ => None,
        }
    }

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
    /// Takes a span that has ended.
    pub(super) fn span(&mut self, span: FinishedSpan, now: Instant) {
        let size = span.size();
        let sampled = span.is(frame::SAMPLED);
        let held = self.held(span.trace, now);
        held.sampled |= sampled;
        held.slow |= span.is_slow();
        if span.is_root() {
            held.failed |= span.is_failed();
            held.ended = Some(0);
        }
        held.spans.push(span);
        self.bytes += size;
    }

    /// Notes what happened in a span.
    pub(super) fn record(&mut self, record: &Record, now: Instant) {
        let (trace, span, note) = match record {
            Record::Event(event) if event.place.recorded => {
                let place = event.place;
                (place.trace, place.span, Note::Event(Arc::clone(event)))
            }
            Record::Report(report) if report.place.recorded => {
                let place = report.place;
                (place.trace, place.span, Note::Report(Arc::clone(report)))
            }
            Record::Incoming(place, incoming) if place.recorded => (
                place.trace,
                place.span,
                Note::Incoming(Arc::clone(incoming)),
            ),
            _ => return,
        };
        let held = self.held(trace, now);
        if let Note::Report(report) = &note {
            held.failed |= is_failure(report);
            held.slow |= report.kind == ReportKind::Slow;
        }
        if held.notes.len() < MAX_NOTES {
            held.notes.push((span, note));
        }
    }

    fn held(&mut self, trace: u128, now: Instant) -> &mut Held {
        let past = &self.past;
        let order = &mut self.order;
        self.held.entry(trace).or_insert_with(|| {
            order.push_back(trace);
            // What outlives its trace shares its fate, and waits for nothing.
            let fate = past.get(&trace);
            Held {
                spans: Vec::new(),
                notes: Vec::new(),
                since: now,
                sampled: fate.is_some_and(|kept| *kept == Some(SamplingReason::Sampled)),
                failed: fate.is_some_and(|kept| *kept == Some(SamplingReason::Failed)),
                slow: fate.is_some_and(|kept| *kept == Some(SamplingReason::Slow)),
                ended: fate.map(|_| 0),
            }
        })
    }

    /// Hands on the traces that are over; all of them when `all`.
    pub(super) fn round(&mut self, now: Instant, all: bool, mut each: impl FnMut(Trace)) {
        for held in self.held.values_mut() {
            if let Some(rounds) = &mut held.ended {
                *rounds += 1;
            }
        }
        let mut waiting = VecDeque::with_capacity(self.order.len());
        let mut over = std::mem::take(&mut self.order);
        while let Some(trace) = over.pop_front() {
            let full = self.bytes > MAX_BYTES;
            let is_over = |held: &Held| all || full || held.is_over(now);
            if self.held.get(&trace).is_some_and(is_over) {
                if let Some(held) = self.held.remove(&trace) {
                    self.end(trace, held, &mut each);
                }
            } else {
                waiting.push_back(trace);
            }
        }
        self.order = waiting;
    }

    fn end(&mut self, id: u128, held: Held, each: &mut impl FnMut(Trace)) {
        let kept = held.kept();
        self.bytes -= held.spans.iter().map(FinishedSpan::size).sum::<usize>();
        if held.ended.is_some() {
            self.remember(id, kept);
        }
        let Some(kept) = kept else {
            if held.ended.is_none() {
                drop_counts::add(DropReason::TraceUnfinished, held.spans.len() as u64);
            }
            return;
        };
        let mut trace = Trace {
            id,
            kept,
            spans: held.spans,
        };
        attach(&mut trace.spans, held.notes);
        if !trace.spans.is_empty() {
            each(trace);
        }
    }

    fn remember(&mut self, trace: u128, kept: Option<SamplingReason>) {
        if self.past.insert(trace, kept).is_none() {
            self.past_order.push_back(trace);
        }
        if self.past_order.len() > MAX_PAST
            && let Some(oldest) = self.past_order.pop_front()
        {
            self.past.remove(&oldest);
        }
    }
}

fn is_failure(report: &Report) -> bool {
    matches!(
        report.kind,
        ReportKind::Error | ReportKind::Manual | ReportKind::Panic
    )
}

fn attach(spans: &mut [FinishedSpan], notes: Vec<(u64, Note)>) {
    if notes.is_empty() {
        return;
    }
    let at: HashMap<u64, usize> = spans.iter().enumerate().map(|(n, s)| (s.span, n)).collect();
    for (span, note) in notes {
        let Some(span) = at.get(&span).and_then(|at| spans.get_mut(*at)) else {
            continue;
        };
        match note {
            Note::Event(event) => span.events.push(event),
            Note::Report(report) if is_failure(&report) => span.report = Some(report),
            Note::Report(_) => {}
            Note::Incoming(incoming) => span.incoming = Some(incoming),
        }
    }
}
