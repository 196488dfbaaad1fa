//! Log lines: the lesser ones are breadcrumbs; an error is an event of its own, unless it is captured as well.

use super::event;
use super::options::SentryConfig;
use crate::model::outcome::Outcome;
use crate::model::site::flag;
use crate::pipeline::FinishedSpan;
use crate::tap::{LogRecord, Report, ReportKind};
use crate::trace::record::Origin;
use sentry::Breadcrumb;
use sentry::protocol::{Event, Map};
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// How long a logged error waits for its capture, or a capture for its log line.
pub(super) const WAIT: Duration = Duration::from_secs(1);
/// Logged errors that wait; more go on at once.
const MAX_HELD: usize = 1000;
/// Breadcrumbs of a trace.
const MAX_CRUMBS: usize = 50;
/// Traces of which there are breadcrumbs.
const MAX_TRACES: usize = 1000;

#[derive(Default)]
pub(super) struct Logged {
    held: VecDeque<Held>,
    captured: VecDeque<Captured>,
    crumbs: HashMap<u128, VecDeque<Breadcrumb>>,
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
        if *log.metadata.level() != tracing::Level::ERROR {
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
        let due = if self.held.len() < MAX_HELD {
            now + WAIT
        } else {
            now
        };
        self.held.push_back(Held {
            due,
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
        if !self.crumbs.contains_key(&trace) {
            self.order.push_back(trace);
            if self.order.len() > MAX_TRACES
                && let Some(oldest) = self.order.pop_front()
            {
                self.crumbs.remove(&oldest);
            }
        }
        let crumbs = self.crumbs.entry(trace).or_default();
        if crumbs.len() == MAX_CRUMBS {
            crumbs.pop_front();
        }
        let fields = log
            .fields
            .latest()
            .into_iter()
            .filter(|(name, _)| *name != "message");
        let data: Map<_, _> = fields
            .map(|(name, value)| (name.to_owned(), event::value(value)))
            .collect();
        crumbs.push_back(Breadcrumb {
            timestamp: log.time,
            ty: "log".into(),
            category: Some(log.metadata.target().to_owned()),
            level: level(*log.metadata.level()),
            message: Some(event::message(log)),
            data,
        });
    }

    /// The log lines of a trace so far.
    pub(super) fn crumbs(&self, trace: u128) -> Vec<Breadcrumb> {
        let crumbs = self.crumbs.get(&trace);
        crumbs.map_or_else(Vec::new, |crumbs| crumbs.iter().cloned().collect())
    }

    /// An error was captured: lines that tell of it are no events of their own.
    pub(super) fn captured(&mut self, report: &Report, now: Instant) {
        if report.kind == ReportKind::Message {
            return;
        }
        let texts = [&report.text].into_iter().chain(&report.chain);
        let captured = Captured {
            until: now + WAIT,
            trace: report.place.trace,
            texts: texts.filter(|text| !text.is_empty()).cloned().collect(),
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
        while self.held.front().is_some_and(|held| held.due <= now) {
            if let Some(held) = self.held.pop_front() {
                due.push((held.event, held.trace, held.text));
            }
        }
        due
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
