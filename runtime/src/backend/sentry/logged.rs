//! Log records: each becomes a breadcrumb of its trace, and an error also becomes an event unless the error it describes is
//! captured as well.

use super::event;
use super::options::SentryConfig;
use crate::model::outcome::Outcome;
use crate::model::record::{LogRecord, Report, ReportKind};
use crate::model::span::Origin;
use crate::model::spec::flag;
use crate::pipeline::FinishedSpan;
use sentry::Breadcrumb;
use sentry::protocol::{Event, Map};
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// How long a logged error waits for a capture of the same error, and how long a capture suppresses logged ones.
pub(super) const WAIT: Duration = Duration::from_secs(1);
/// Logged errors that may wait; if more arrive, the oldest are sent at once.
const MAX_HELD: usize = 1000;
/// Bytes of logged errors that may wait.
const MAX_HELD_BYTES: usize = 2 << 20;
/// Breadcrumbs of one trace.
const MAX_CRUMBS: usize = 50;
/// Traces with breadcrumbs.
const MAX_TRACES: usize = 1000;
/// Bytes of the breadcrumbs of all traces.
const MAX_CRUMB_BYTES: usize = 2 << 20;
/// The approximate size of a record without its fields, in bytes.
const RECORD_BYTES: usize = 256;

/// Breadcrumbs by trace, and logged errors that may be captured as well.
#[derive(Default)]
pub(super) struct Logged {
    held: VecDeque<Held>,
    captured: VecDeque<Captured>,
    /// Breadcrumbs by trace, each with its approximate size in bytes.
    crumbs: HashMap<u128, VecDeque<(usize, Breadcrumb)>>,
    crumb_bytes: usize,
    /// Traces with breadcrumbs, the oldest first.
    /// Traces with breadcrumbs, the oldest first.
    order: VecDeque<u128>,
}

/// A logged error that waits for a capture of the same error.
struct Held {
    due: Instant,
    event: Event<'static>,
    trace: u128,
    span: u64,
    text: String,
}

/// A captured error, for which log records are no events of their own.
struct Captured {
    until: Instant,
    trace: u128,
    texts: Vec<String>,
}

impl Held {
    /// Returns the approximate size in bytes. The event contains the text as well.
    fn size(&self) -> usize {
        size_of::<Self>() + RECORD_BYTES + 2 * self.text.len()
    }
}

impl Captured {
    /// Returns whether a log record describes this error: it is in the same trace and contains the text of the error or
    /// of one of its sources.
    fn is_described_by(&self, trace: u128, record: &str) -> bool {
        self.trace == trace && self.texts.iter().any(|text| record.contains(text.as_str()))
    }
}

impl Logged {
    /// Adds a log record: as a breadcrumb, and as a waiting event if it is an error.
    pub(super) fn log(&mut self, log: &LogRecord, config: &SentryConfig, now: Instant) {
        if log.metadata.target() == "instrumental" {
            return;
        }
        let trace = log.place.trace;
        if trace != 0 {
            self.crumb(log);
        }
        if *log.metadata.level() != tracing::Level::ERROR || log.matches_captured {
            return;
        }
        // The error's text may be in any field of the record, not only in the message.
        let fields = log.fields.latest().into_iter();
        let text: Vec<String> = fields.map(|(_, value)| value.to_string()).collect();
        let text = text.join("\n");
        self.captured.retain(|captured| captured.until > now);
        if self
            .captured
            .iter()
            .any(|captured| captured.is_described_by(trace, &text))
        {
            return;
        }
        self.held.push_back(Held {
            due: now + WAIT,
            event: event::of_log(log, config),
            trace,
            span: log.place.span,
            text,
        });
    }

    /// Discards the logged errors of calls that capture their errors: the capture reports them, or counts them if
    /// captures are rate-limited.
    pub(super) fn discard_captured(&mut self, spans: &[FinishedSpan]) {
        if self.held.is_empty() {
            return;
        }
        let captures = |span: &FinishedSpan| match span.origin {
            Origin::Site(site) => site.has(flag::CAPTURE) && span.outcome == Outcome::Error,
            Origin::Foreign(_) => false,
        };
        for span in spans.iter().filter(|span| captures(span)) {
            self.held
                .retain(|held| held.trace != span.trace || held.span != span.span);
        }
    }

    /// Adds a breadcrumb, and discards those of the oldest traces if there are too many.
    fn crumb(&mut self, log: &LogRecord) {
        let trace = log.place.trace;
        let size = RECORD_BYTES + log.fields.size();
        if self.order.len() >= MAX_TRACES && !self.crumbs.contains_key(&trace) {
            self.evict_oldest();
        }
        while self.crumb_bytes + size > MAX_CRUMB_BYTES && !self.order.is_empty() {
            self.evict_oldest();
        }
        self.crumb_bytes += size;
        if !self.crumbs.contains_key(&trace) {
            self.order.push_back(trace);
        }
        let crumbs = self.crumbs.entry(trace).or_default();
        if crumbs.len() == MAX_CRUMBS
            && let Some((size, _)) = crumbs.pop_front()
        {
            self.crumb_bytes -= size;
        }
        let fields = log
            .fields
            .latest()
            .into_iter()
            .filter(|(name, _)| *name != "message");
        let data: Map<_, _> = fields
            .map(|(name, value)| (name.to_owned(), event::value(value)))
            .collect();
        let crumb = Breadcrumb {
            timestamp: log.time,
            ty: "log".into(),
            category: Some(log.metadata.target().to_owned()),
            level: level(*log.metadata.level()),
            message: Some(event::message(log)),
            data,
        };
        crumbs.push_back((size, crumb));
    }

    fn evict_oldest(&mut self) {
        let oldest = self.order.pop_front();
        let crumbs = oldest.and_then(|oldest| self.crumbs.remove(&oldest));
        let sizes = crumbs.iter().flatten().map(|(size, _)| size);
        self.crumb_bytes -= sizes.sum::<usize>();
    }

    /// Returns the breadcrumbs of a trace.
    pub(super) fn crumbs(&self, trace: u128) -> Vec<Breadcrumb> {
        let crumbs = self.crumbs.get(&trace);
        crumbs.map_or_else(Vec::new, |crumbs| {
            crumbs.iter().map(|(_, crumb)| crumb.clone()).collect()
        })
    }

    /// Adds a captured error, and discards the waiting events that describe it.
    pub(super) fn captured(&mut self, report: &Report, now: Instant) {
        if report.kind == ReportKind::Message {
            return;
        }
        let sources = report.chain.iter().map(|source| source.text.as_str());
        let texts = [&*report.text].into_iter().chain(sources);
        let captured = Captured {
            until: now + WAIT,
            trace: report.place.trace,
            texts: texts
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        self.held
            .retain(|held| !captured.is_described_by(held.trace, &held.text));
        if self.captured.len() >= MAX_HELD {
            self.captured.pop_front();
        }
        self.captured.push_back(captured);
    }

    /// Takes the logged errors whose wait has ended, each with its trace and its text.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(Event<'static>, u128, String)> {
        let mut due = Vec::new();
        let mut bytes: usize = self.held.iter().map(Held::size).sum();
        while self.held.front().is_some_and(|held| {
            held.due <= now || self.held.len() > MAX_HELD || bytes > MAX_HELD_BYTES
        }) {
            if let Some(held) = self.held.pop_front() {
                bytes -= held.size();
                due.push((held.event, held.trace, held.text));
            }
        }
        due
    }
}

#[cfg(test)]
impl Logged {
    /// Returns the number of traces with breadcrumbs, the bytes of these, and the number of waiting events.
    pub(super) fn held_for_tests(&self) -> (usize, usize, usize) {
        (self.crumbs.len(), self.crumb_bytes, self.held.len())
    }
}

fn level(level: tracing::Level) -> sentry::Level {
    match level {
        tracing::Level::ERROR => sentry::Level::Error,
        tracing::Level::WARN => sentry::Level::Warning,
        tracing::Level::INFO => sentry::Level::Info,
        _ => sentry::Level::Debug,
    }
}
