//! Spans gathered by trace until a trace has ended; and how many trees are shown.

use super::paint::Paint;
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
/// Trees shown in a second.
const ORDINARY: u32 = 5;
/// Trees of failed or slow requests shown in a second.
const NOTABLE: u32 = 20;
const WINDOW: Duration = Duration::from_secs(1);

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

/// What was shown in this second.
#[derive(Default)]
struct Shown {
    since: Option<Instant>,
    ordinary: u32,
    notable: u32,
    hidden: u64,
    hidden_notable: u64,
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

impl Shown {
    /// Begins a new second when one is over; says then what was not shown.
    fn next(&mut self, now: Instant, last: bool) -> Option<String> {
        let since = *self.since.get_or_insert(now);
        if !last && now.saturating_duration_since(since) < WINDOW {
            return None;
        }
        let hidden = self.hidden();
        *self = Self {
            since: Some(now),
            ..Self::default()
        };
        hidden
    }

    fn hidden(&mut self) -> Option<String> {
        let (hidden, failed) = (self.hidden, self.hidden_notable);
        (self.hidden, self.hidden_notable) = (0, 0);
        let failed = match failed {
            0 => String::new(),
            n => format!(" ({n} failed or slow)"),
        };
        (hidden > 0).then(|| format!("… {hidden} more requests finished{failed}, see the summary"))
    }

    fn admit(&mut self, notable: bool) -> bool {
        let (shown, limit) = if notable {
            (&mut self.notable, NOTABLE)
        } else {
            (&mut self.ordinary, ORDINARY)
        };
        if *shown < limit {
            *shown += 1;
            return true;
        }
        self.hidden += 1;
        self.hidden_notable += u64::from(notable);
        false
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
