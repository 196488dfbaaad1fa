//! Assembly of finished traces into trees.

use super::paint::Paint;
use super::rows::{Note, Row};
use super::shown::Shown;
use super::tree;
use crate::base::drop_counts;
use crate::model::drop_reason::DropReason;
use crate::pipeline::{FinishedSpan, Trace};
use std::collections::{HashMap, VecDeque};
use std::time::Instant;

/// Traces that may wait for their root.
const MAX_TRACES: usize = 4096;
/// Spans of all waiting traces.
const MAX_SPANS: usize = 65_536;
/// Bytes of all waiting traces.
const MAX_BYTES: usize = 8 << 20;
/// Spans that are kept of one trace.
const MAX_TRACE_SPANS: usize = 4096;
/// Business events that are kept of one trace.
const MAX_NOTES: usize = 32;

/// Traces that wait for their root, and the limit on the trees that are shown.
#[derive(Default)]
pub(super) struct Traces {
    pending: HashMap<u128, Pending>,
    /// The waiting traces, the oldest first.
    order: VecDeque<u128>,
    /// The number of spans in `pending`.
    spans: usize,
    bytes: usize,
    shown: Shown,
}

/// A trace that waits for its root.
#[derive(Default)]
struct Pending {
    rows: Vec<Row>,
    notes: Vec<Note>,
    bytes: usize,
    /// The number of spans that were dropped.
    missing: u64,
    /// Whether a span failed or was slow.
    notable: bool,
}

impl Traces {
    /// Adds a trace or a part of one. Returns the tree if the root has ended and the limit allows it.
    pub(super) fn trace(&mut self, trace: &Trace, paint: Paint) -> Option<String> {
        let mut pending = self.take(trace.id);
        let mut room = MAX_SPANS.saturating_sub(self.spans + pending.rows.len());
        for span in &trace.spans {
            pending.add(span, &mut room);
        }
        if trace.root().is_none() {
            self.keep(trace.id, pending);
            return None;
        }
        let Pending {
            rows,
            notes,
            missing,
            notable,
            ..
        } = &pending;
        let shown = self.shown.admit(*notable);
        shown.then(|| tree::render(trace.id, rows, notes, *missing, paint))
    }

    /// Removes the waiting parts of a trace.
    fn take(&mut self, trace: u128) -> Pending {
        let pending = self.pending.remove(&trace).unwrap_or_default();
        self.spans -= pending.rows.len();
        self.bytes -= pending.bytes;
        pending
    }

    /// Keeps a trace until its root ends, and evicts older ones if there are too many.
    fn keep(&mut self, trace: u128, pending: Pending) {
        if self.pending.len() >= MAX_TRACES || self.spans + pending.rows.len() > MAX_SPANS {
            self.evict();
        }
        while self.bytes + pending.bytes > MAX_BYTES && !self.pending.is_empty() {
            self.evict();
        }
        self.spans += pending.rows.len();
        self.bytes += pending.bytes;
        self.order.push_back(trace);
        self.pending.insert(trace, pending);
        if self.order.len() > 2 * MAX_TRACES {
            self.order.retain(|trace| self.pending.contains_key(trace));
        }
    }

    /// Drops and counts the oldest waiting trace.
    fn evict(&mut self) {
        while let Some(oldest) = self.order.pop_front() {
            if self.pending.contains_key(&oldest) {
                let pending = self.take(oldest);
                let lost = pending.rows.len() as u64 + pending.missing;
                return drop_counts::add(DropReason::TraceUnfinished, lost);
            }
        }
    }

    /// Passes the notice about hidden trees to `show`, if one is due.
    pub(super) fn round(&mut self, now: Instant, last: bool, mut show: impl FnMut(String)) {
        if let Some(text) = self.shown.next(now, last) {
            show(text);
        }
        if last && let Some(text) = self.shown.hidden() {
            show(text);
        }
    }
}

impl Pending {
    fn add(&mut self, span: &FinishedSpan, room: &mut usize) {
        self.notable |= span.is_slow() || span.is_notable();
        // The root is never dropped, as there is no tree without it.
        if !span.is_root() && (*room == 0 || self.rows.len() >= MAX_TRACE_SPANS) {
            self.missing += 1;
            return;
        }
        *room = room.saturating_sub(1);
        self.bytes += span.size();
        self.rows.push(Row {
            is_root: span.is_root(),
            span: span.span,
            parent: span.parent,
            name: span.name().to_owned(),
            start: (span.start, span.start_ticks),
            duration: span.duration,
            ending: span.ending(),
            notable: span.is_notable(),
            error: span.error,
            fields: span.fields.clone(),
        });
        for event in &span.events {
            if self.notes.len() < MAX_NOTES {
                self.bytes += size_of::<Note>() + event.fields.size();
                self.notes.push(Note {
                    span: span.span,
                    time: event.time,
                    name: event.site.spec().name,
                    fields: event.fields.clone(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shown::{ORDINARY, WINDOW};
    use super::*;
    use crate::model::outcome::Outcome;
    use crate::pipeline::SamplingReason;

    fn span(trace: u128, span: u64, parent: u64) -> FinishedSpan {
        crate::pipeline::example(trace, span, parent, Outcome::Ok, false)
    }

    fn trace(spans: Vec<FinishedSpan>) -> Trace {
        Trace {
            id: spans[0].trace,
            kept: SamplingReason::Sampled,
            spans,
        }
    }

    const PLAIN: Paint = Paint { on: false };

    fn round(traces: &mut Traces, now: Instant, last: bool) -> Vec<String> {
        let mut shown = Vec::new();
        traces.round(now, last, |text| shown.push(text));
        shown
    }

    fn unfinished() -> u64 {
        let lost = crate::base::drop_counts::lost().into_iter();
        let mut of = lost.filter(|(reason, _)| *reason == DropReason::TraceUnfinished);
        of.next().map_or(0, |(_, count)| count)
    }

    #[test]
    fn parts_of_a_trace_are_shown_as_one_tree() {
        let mut traces = Traces::default();
        let part = trace(vec![span(1, 2, 1)]);
        assert_eq!(traces.trace(&part, PLAIN), None);
        let shown = traces.trace(&trace(vec![span(1, 1, 0)]), PLAIN);
        assert_eq!(shown.expect("a tree").lines().count(), 3);
        assert_eq!(traces.spans, 0);
    }

    #[test]
    fn a_process_that_calls_itself_shows_one_tree_from_the_outermost_request() {
        let from_outside = crate::pipeline::example(1, 1, 9, Outcome::Ok, true);
        let called = crate::pipeline::example(1, 3, 2, Outcome::Ok, true);
        // The handler of the inner call ends last: the outer request did not wait for it.
        let whole = trace(vec![from_outside, span(1, 2, 1), called]);
        assert_eq!(whole.root().map(|root| root.span), Some(1));
        let shown = Traces::default().trace(&whole, PLAIN).expect("a tree");
        let depth = |line: &str| line.find("example").map(|at| line[..at].chars().count());
        let depths: Vec<_> = shown.lines().filter_map(depth).collect();
        assert_eq!(depths, [0, 3, 6], "{shown}");
        assert!(trace(vec![span(1, 2, 1)]).root().is_none());
    }

    #[test]
    fn memory_is_bounded_and_dropped_spans_are_counted() {
        let mut traces = Traces::default();
        for id in 1..=10_000 {
            traces.trace(&trace(vec![span(id, 2, 1), span(id, 3, 1)]), PLAIN);
        }
        assert_eq!(traces.pending.len(), MAX_TRACES);
        assert_eq!(unfinished(), 2 * (10_000 - MAX_TRACES as u64));
        let mut traces = Traces::default();
        let many = (2..20_000).map(|id| span(1, id, 1)).collect();
        traces.trace(&trace(many), PLAIN);
        assert_eq!(traces.spans, MAX_TRACE_SPANS);
        let shown = traces.trace(&trace(vec![span(1, 1, 0)]), PLAIN);
        let hidden = 19_998 - MAX_TRACE_SPANS;
        let shown = shown.expect("a tree");
        assert!(shown.contains(&format!("… {hidden} more\n")), "{shown:?}");
    }

    #[test]
    fn f66_an_expected_error_is_not_shown_as_a_failure() {
        let shown = |status| {
            let root = crate::pipeline::example_of_error(status);
            let shown = Traces::default().trace(&trace(vec![root]), PLAIN);
            shown.unwrap_or_default()
        };
        assert!(shown(404).contains(" expected(Refused)"), "{}", shown(404));
        assert!(shown(409).contains(" client(Refused)"), "{}", shown(409));
        assert!(shown(500).contains(" error(Refused)"), "{}", shown(500));
    }

    #[test]
    fn failed_requests_have_a_limit_of_their_own() {
        let (mut traces, now) = (Traces::default(), Instant::now());
        round(&mut traces, now, false);
        let mut shown = Vec::new();
        for id in 1..=100 {
            let mut root = span(id, 1, 0);
            if id % 10 == 0 {
                root.outcome = Outcome::Panicked;
            }
            shown.extend(traces.trace(&trace(vec![root]), PLAIN));
        }
        let failed = shown.iter().filter(|text| text.contains("panicked"));
        assert_eq!((failed.count(), shown.len()), (10, 10 + ORDINARY as usize));
        let shown = round(&mut traces, now + WINDOW, false);
        assert_eq!(shown, ["… 85 more requests finished, see the summary"]);
        assert!(round(&mut traces, now + 2 * WINDOW, true).is_empty());
    }
}
