//! Spans gathered by trace until a trace has ended.

use super::paint::Paint;
use super::shown::Shown;
use super::tree::{self, Note, Row};
use crate::lost::{self, Reason};
use crate::model::outcome::Outcome;
use crate::pipeline::FinishedSpan;
use crate::tap::EventRecord;
use crate::trace::ids;
use crate::trace::record::Origin;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Traces that are gathered at once.
const MAX_TRACES: usize = 4096;
/// Spans that are kept at once, over all traces.
const MAX_SPANS: usize = 65_536;
/// Spans that are kept of one trace.
const MAX_TRACE_SPANS: usize = 4096;
/// Business events that are kept of one trace.
const MAX_NOTES: usize = 32;

/// Traces that have not ended.
#[derive(Default)]
pub(super) struct Traces {
    pending: HashMap<u128, Pending>,
    /// In the order of their first span.
    order: VecDeque<u128>,
    /// Spans kept.
    spans: usize,
    shown: Shown,
}

#[derive(Default)]
struct Pending {
    rows: Vec<Row>,
    notes: Vec<Note>,
    /// Spans that were not kept.
    missing: u64,
    /// Something failed or was slow.
    notable: bool,
    /// Rounds since its root ended: a thread's spans may come one round later.
    ended: Option<u8>,
}

impl Traces {
    /// Takes a span that has ended.
    pub(super) fn span(&mut self, span: &FinishedSpan) {
        let room = self.spans < MAX_SPANS;
        let pending = self.pending(span.trace);
        pending.notable |= is_notable(span);
        if span.parent == 0 {
            pending.ended = Some(0);
        }
        // The root is always kept: without it there is no tree.
        if span.parent != 0 && (!room || pending.rows.len() >= MAX_TRACE_SPANS) {
            pending.missing += 1;
            return;
        }
        pending.rows.push(Row {
            span: span.span,
            parent: span.parent,
            name: span.origin.name(),
            start: (span.start, span.start_ticks),
            duration: span.duration,
            outcome: span.outcome,
            error: span.error,
            fields: span.fields.clone(),
        });
        self.spans += 1;
    }

    /// Takes a business event.
    pub(super) fn event(&mut self, event: &EventRecord) {
        let trace = event.place.trace;
        if trace == 0 || !ids::is_sampled(trace) {
            return;
        }
        let pending = self.pending(trace);
        if pending.notes.len() < MAX_NOTES {
            pending.notes.push(Note {
                span: event.place.span,
                time: event.time,
                name: event.site.spec().name,
                fields: event.fields.clone(),
            });
        }
    }

    fn pending(&mut self, trace: u128) -> &mut Pending {
        if !self.pending.contains_key(&trace) {
            if self.pending.len() >= MAX_TRACES {
                self.evict();
            }
            self.order.push_back(trace);
        }
        self.pending.entry(trace).or_default()
    }

    /// Gives up the trace that began first.
    fn evict(&mut self) {
        while let Some(oldest) = self.order.pop_front() {
            if let Some(pending) = self.pending.remove(&oldest) {
                self.spans -= pending.rows.len();
                let lost = pending.rows.len() as u64 + pending.missing;
                lost::count_many(Reason::TraceUnfinished, lost);
                return;
            }
        }
    }

    /// Shows the traces that ended before this round; all that have ended, when it is the last.
    pub(super) fn round(
        &mut self,
        now: Instant,
        last: bool,
        paint: Paint,
        mut show: impl FnMut(String),
    ) {
        if let Some(text) = self.shown.next(now, last) {
            show(text);
        }
        let mut over = Vec::new();
        for trace in &self.order {
            if let Some(Pending {
                ended: Some(rounds),
                ..
            }) = self.pending.get_mut(trace)
            {
                *rounds += 1;
                if *rounds > 1 || last {
                    over.push(*trace);
                }
            }
        }
        for trace in over {
            let Some(pending) = self.pending.remove(&trace) else {
                continue;
            };
            self.spans -= pending.rows.len();
            if self.shown.admit(pending.notable) {
                let Pending {
                    rows,
                    notes,
                    missing,
                    ..
                } = &pending;
                show(tree::render(trace, rows, notes, *missing, paint));
            }
        }
        if self.order.len() > self.pending.len() {
            self.order.retain(|trace| self.pending.contains_key(trace));
        }
        while self.spans >= MAX_SPANS && !self.pending.is_empty() {
            self.evict();
        }
        if last && let Some(text) = self.shown.hidden() {
            show(text);
        }
    }
}

fn is_notable(span: &FinishedSpan) -> bool {
    let slow = match span.origin {
        Origin::Site(site) => {
            let limit = site.spec().slow_nanos;
            limit > 0 && span.duration > Duration::from_nanos(limit)
        }
        Origin::Foreign(_) => false,
    };
    slow || span.outcome != Outcome::Ok
}

#[cfg(test)]
mod tests {
    use super::super::shown::{ORDINARY, WINDOW};
    use super::*;
    use std::time::SystemTime;

    fn span(trace: u128, span: u64, parent: u64) -> FinishedSpan {
        FinishedSpan {
            origin: Origin::Site(crate::__site!("work", [], { flags: 1u32 })),
            trace,
            span,
            parent,
            start: SystemTime::UNIX_EPOCH,
            start_ticks: span,
            duration: Duration::from_millis(1),
            outcome: Outcome::Ok,
            error: "",
            fields: None,
        }
    }

    fn round(traces: &mut Traces, now: Instant, last: bool) -> Vec<String> {
        let mut shown = Vec::new();
        traces.round(now, last, Paint { on: false }, |text| shown.push(text));
        shown
    }

    fn unfinished() -> u64 {
        let lost = crate::lost::lost().into_iter();
        let mut of = lost.filter(|(reason, _)| *reason == Reason::TraceUnfinished);
        of.next().map_or(0, |(_, count)| count)
    }

    #[test]
    fn a_tree_waits_a_round_for_other_threads() {
        let (mut traces, now) = (Traces::default(), Instant::now());
        traces.span(&span(1, 1, 0));
        assert_eq!(round(&mut traces, now, false).len(), 0);
        traces.span(&span(1, 2, 1));
        let shown = round(&mut traces, now, false);
        assert_eq!((shown.len(), shown[0].lines().count()), (1, 3), "{shown:?}");
        assert_eq!((traces.spans, traces.order.len()), (0, 0));
        traces.span(&span(2, 3, 0));
        assert_eq!(round(&mut traces, now, true).len(), 1);
    }

    #[test]
    fn memory_is_bounded_and_what_is_given_up_is_counted() {
        let (mut traces, now) = (Traces::default(), Instant::now());
        for trace in 1..=10_000 {
            traces.span(&span(trace, 2, 1));
            traces.span(&span(trace, 3, 1));
        }
        assert_eq!(
            (traces.pending.len(), traces.order.len()),
            (MAX_TRACES, MAX_TRACES)
        );
        assert_eq!(unfinished(), 2 * (10_000 - MAX_TRACES as u64));
        let mut traces = Traces::default();
        for id in 2..20_000 {
            traces.span(&span(1, id, 1));
        }
        assert_eq!(traces.spans, MAX_TRACE_SPANS);
        traces.span(&span(1, 1, 0));
        let shown = round(&mut traces, now, true);
        let hidden = 19_998 - MAX_TRACE_SPANS;
        assert!(
            shown[0].contains(&format!("… {hidden} more\n")),
            "{shown:?}"
        );
    }

    #[test]
    fn failed_requests_are_shown_before_ordinary_ones() {
        let (mut traces, now) = (Traces::default(), Instant::now());
        for trace in 1..=100 {
            let mut root = span(trace, 1, 0);
            if trace % 10 == 0 {
                root.outcome = Outcome::Panicked;
            }
            traces.span(&root);
        }
        let shown = round(&mut traces, now, false);
        assert_eq!(shown.len(), 0);
        let shown = round(&mut traces, now, false);
        let failed = shown.iter().filter(|text| text.contains("panicked"));
        assert_eq!((failed.count(), shown.len()), (10, 10 + ORDINARY as usize));
        let shown = round(&mut traces, now + WINDOW, false);
        assert_eq!(shown, ["… 85 more requests finished, see the summary"]);
        assert!(round(&mut traces, now + 2 * WINDOW, true).is_empty());
    }
}
