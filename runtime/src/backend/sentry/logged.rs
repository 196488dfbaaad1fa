//! Log lines: the lesser ones are breadcrumbs; an error is an event of its own, unless it is captured as well.

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

/// How long a logged error waits for its capture, or a capture for its log line.
pub(super) const WAIT: Duration = Duration::from_secs(1);
/// Logged errors that wait, and bytes of them; more go on at once.
const MAX_HELD: usize = 1000;
const MAX_HELD_BYTES: usize = 2 << 20;
/// Breadcrumbs of a trace.
const MAX_CRUMBS: usize = 50;
/// Traces of which there are breadcrumbs, and bytes of those.
const MAX_TRACES: usize = 1000;
const MAX_CRUMB_BYTES: usize = 2 << 20;
/// What a line takes beside its fields, roughly.
const LINE: usize = 256;

#[derive(Default)]
pub(super) struct Logged {
    held: VecDeque<Held>,
    captured: VecDeque<Captured>,
    /// Breadcrumbs, each with the bytes it takes.
    crumbs: HashMap<u128, VecDeque<(usize, Breadcrumb)>>,
    crumb_bytes: usize,
    order: VecDeque<u128>,
}

struct Held {
    due: Instant,
    event: Event<'static>,
    trace: u128,
    span: u64,
    text: String,
}

struct Captured {
    until: Instant,
    trace: u128,
    texts: Vec<String>,
}

impl Held {
    /// Roughly: the event holds the text once more.
    fn size(&self) -> usize {
        size_of::<Self>() + LINE + 2 * self.text.len()
    }
}

impl Captured {
    /// Whether a log line tells of this error: in the same trace, with its text or that of a source.
    fn is_told_by(&self, trace: u128, line: &str) -> bool {
        self.trace == trace && self.texts.iter().any(|text| line.contains(text.as_str()))
    }
}

impl Logged {
    pub(super) fn log(&mut self, log: &LogRecord, config: &SentryConfig, now: Instant) {
        if log.metadata.target() == "instrumental" {
            return;
        }
        let trace = log.place.trace;
        if trace != 0 {
            self.crumb(log);
        }
        if *log.metadata.level() != tracing::Level::ERROR || log.tells {
            return;
        }
        // What a line says of an error may stand in a field.
        let fields = log.fields.latest().into_iter();
        let text: Vec<String> = fields.map(|(_, value)| value.to_string()).collect();
        let text = text.join("\n");
        self.captured.retain(|captured| captured.until > now);
        if self
            .captured
            .iter()
            .any(|captured| captured.is_told_by(trace, &text))
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

    /// What a call logs that captures its error is told by its capture, or counted with it in a storm.
    pub(super) fn ended(&mut self, spans: &[FinishedSpan]) {
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

    fn crumb(&mut self, log: &LogRecord) {
        let trace = log.place.trace;
        let size = LINE + log.fields.size();
        if self.order.len() >= MAX_TRACES && !self.crumbs.contains_key(&trace) {
            self.forget_oldest();
        }
        while self.crumb_bytes + size > MAX_CRUMB_BYTES && !self.order.is_empty() {
            self.forget_oldest();
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

    fn forget_oldest(&mut self) {
        let oldest = self.order.pop_front();
        let crumbs = oldest.and_then(|oldest| self.crumbs.remove(&oldest));
        let sizes = crumbs.iter().flatten().map(|(size, _)| size);
        self.crumb_bytes -= sizes.sum::<usize>();
    }

    /// The log lines of a trace so far.
    pub(super) fn crumbs(&self, trace: u128) -> Vec<Breadcrumb> {
        let crumbs = self.crumbs.get(&trace);
        crumbs.map_or_else(Vec::new, |crumbs| {
            crumbs.iter().map(|(_, crumb)| crumb.clone()).collect()
        })
    }

    /// An error was captured: lines that tell of it are no events of their own.
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
            .retain(|held| !captured.is_told_by(held.trace, &held.text));
        if self.captured.len() >= MAX_HELD {
            self.captured.pop_front();
        }
        self.captured.push_back(captured);
    }

    /// Errors that were logged and not captured.
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
    /// Traces and bytes of breadcrumbs, and lines that wait.
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
