//! Spans, events, reports and log lines that a test captured.

use crate::model::fields::Fields;
use crate::model::ids::join;
use crate::model::level::Level;
use crate::model::outcome::Outcome;
use crate::model::record::{self, EventRecord, LogRecord};
use crate::model::request::User;
use crate::model::span::{Origin, SpanEnd, SpanStart};
use crate::model::spec::SpanKind;
use std::time::Duration;

/// One captured item.
pub(super) enum Item {
    Span(Span),
    Event(Event),
    Report(Report),
    Log(Log),
    /// A call that was discarded because its future was never polled.
    Discarded,
}

type Pairs = Vec<(String, String)>;

/// Returns the last value of each field, as text.
fn pairs(fields: &Fields) -> Pairs {
    let fields = fields.latest().into_iter();
    fields
        .map(|(name, value)| (name.to_owned(), value.to_string()))
        .collect()
}

fn find<'a>(fields: &'a Pairs, name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// A captured span: an annotated call, or a span of `tracing`.
///
/// ```
/// use instrumental::{Outcome, testing};
///
/// #[instrumental::traced(id)]
/// fn release(id: u32) {}
///
/// # fn main() {
/// let ((), seen) = testing::capture(|| release(7));
/// let span = seen.span("release");
/// assert_eq!(span.field("id"), Some("7"));
/// assert_eq!(span.outcome, Some(Outcome::Ok));
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Span {
    /// The name of the function with its type, or the name that the attribute gives.
    pub name: String,
    /// The names and values of recorded fields.
    pub fields: Vec<(String, String)>,
    /// The outcome of the call; `None` for a span of `tracing`, and for a call that did not end during the capture.
    pub outcome: Option<Outcome>,
    /// Whether the span ended during the capture.
    pub ended: bool,
    /// The variant or type of the error; empty without one.
    pub error: &'static str,
    /// The kind.
    pub kind: SpanKind,
    /// The level.
    pub level: tracing::Level,
    /// The target.
    pub target: &'static str,
    /// The duration; zero if the span did not end.
    pub duration: Duration,
    /// The id of the trace.
    pub trace_id: u128,
    /// The id of the span.
    pub span_id: u64,
    /// The id of the parent span; 0 without one.
    pub parent_id: u64,
}

impl Span {
    pub(super) fn begin(start: &SpanStart, fields: &Fields) -> Self {
        let metadata = start.origin.metadata();
        let fields = pairs(fields);
        Self {
            // Backends show this field as the name.
            name: find(&fields, "otel.name")
                .unwrap_or_else(|| start.origin.name())
                .to_owned(),
            fields,
            outcome: None,
            ended: false,
            error: "",
            kind: match start.origin {
                Origin::Site(site) => site.spec().kind,
                Origin::Foreign(_) => SpanKind::Internal,
            },
            level: *metadata.level(),
            target: metadata.target(),
            duration: Duration::ZERO,
            trace_id: join(start.trace),
            span_id: start.span,
            parent_id: start.parent,
        }
    }

    pub(super) fn set_fields(&mut self, fields: &Fields) {
        self.fields = pairs(fields);
    }

    pub(super) fn end(&mut self, end: &SpanEnd, duration: Duration) {
        self.ended = true;
        self.outcome = match end.origin {
            Origin::Site(_) => Some(end.outcome),
            Origin::Foreign(_) => None,
        };
        self.error = end.error;
        self.duration = duration;
    }

    /// Returns the value of a field as text.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        find(&self.fields, name)
    }
}

/// A captured business event.
///
/// ```
/// use instrumental::{business_event, testing};
///
/// #[business_event("bid.accepted", id)]
/// fn accept(id: u32) -> Result<(), String> {
///     Ok(())
/// }
///
/// let (_, seen) = testing::capture(|| accept(7));
/// assert_eq!(seen.event("bid.accepted").field("id"), Some("7"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The dotted name.
    pub name: &'static str,
    /// The names and values of fields.
    pub fields: Vec<(String, String)>,
    /// The id of the span in which it was emitted; 0 without one.
    pub span_id: u64,
}

impl Event {
    pub(super) fn new(event: &EventRecord) -> Self {
        Self {
            name: event.site.spec().name,
            fields: pairs(&event.fields),
            span_id: event.place.span,
        }
    }

    /// Returns the value of a field as text.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        find(&self.fields, name)
    }
}

/// A captured log line of `tracing`.
///
/// ```
/// use instrumental::testing;
///
/// let ((), seen) = testing::capture(|| tracing::info!(retries = 2, "connected"));
/// assert_eq!(seen.log("connected").field("retries"), Some("2"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Log {
    /// The level.
    pub level: tracing::Level,
    /// The target.
    pub target: &'static str,
    /// The message.
    pub message: String,
    /// The names and values of all fields but the message.
    pub fields: Vec<(String, String)>,
    /// The id of the span in which it was written; 0 without one.
    pub span_id: u64,
}

impl Log {
    pub(super) fn new(log: &LogRecord) -> Self {
        let mut fields = pairs(&log.fields);
        let message = fields.iter().position(|(name, _)| name == "message");
        Self {
            level: *log.metadata.level(),
            target: log.metadata.target(),
            message: message.map_or_else(String::new, |at| fields.remove(at).1),
            fields,
            span_id: log.place.span,
        }
    }

    /// Returns the value of a field as text.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        find(&self.fields, name)
    }
}

/// A captured report: an error, a message or a slow call.
///
/// ```
/// use instrumental::{capture_error, testing};
///
/// let ((), seen) = testing::capture(|| {
///     capture_error(&std::fmt::Error).with("attempt", 3).send();
/// });
/// let report = seen.report("fmt::Error");
/// assert_eq!(report.extra, [("attempt".to_owned(), "3".to_owned())]);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The severity.
    pub level: Level,
    /// The variant or type of the error; `slow` for a slow call; empty for a message.
    pub label: &'static str,
    /// The path of the error's type; empty without an error.
    pub type_name: &'static str,
    /// The text of the error, or the message.
    pub text: String,
    /// The texts of the error's sources, outermost first.
    pub chain: Vec<String>,
    /// The annotated function that reported it; empty outside any.
    pub function: &'static str,
    /// The annotated calls around it, outermost first.
    pub stack: Vec<&'static str>,
    /// The user of the request.
    pub user: Option<User>,
    /// The keys and values of the request's tags.
    pub tags: Vec<(String, String)>,
    /// The messages of the request's breadcrumbs, oldest first.
    pub breadcrumbs: Vec<String>,
    /// The keys and values of `.with(key, value)` and `on_failure(..)`.
    pub extra: Vec<(String, String)>,
    /// The number of equal reports that were suppressed since the previous one.
    pub repeats: u64,
    /// The id of the span in which it was reported; 0 without one.
    pub span_id: u64,
}

impl Report {
    pub(super) fn new(report: &record::Report) -> Self {
        Self {
            level: report.level,
            label: report.label,
            type_name: report.type_name,
            text: report.text.to_string(),
            chain: report
                .chain
                .iter()
                .map(|source| source.text.clone())
                .collect(),
            function: report.site.map_or("", |site| site.function()),
            stack: report.stack.iter().map(|site| site.function()).collect(),
            user: report.user.clone(),
            tags: report.tags.clone(),
            breadcrumbs: report
                .breadcrumbs
                .iter()
                .map(|crumb| crumb.message.clone())
                .collect(),
            extra: report.extra.clone(),
            repeats: report.repeats,
            span_id: report.place.span,
        }
    }

    /// Returns the value of a tag.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        find(&self.tags, key)
    }
}
