//! What a test sees of spans, events, reports and log lines.

use crate::model::fields::Fields;
use crate::model::ids::join;
use crate::model::level::Level;
use crate::model::outcome::Outcome;
use crate::model::record::{self, EventRecord, LogRecord};
use crate::model::request::User;
use crate::model::span::{Origin, SpanEnd, SpanStart};
use crate::model::spec::SpanKind;
use std::time::Duration;

/// One thing, in the order of its coming.
pub(super) enum Item {
    Span(Span),
    Event(Event),
    Report(Report),
    Log(Log),
    /// A call that never ran.
    Nothing,
}

type Pairs = Vec<(String, String)>;

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

/// A span: an annotated call, or a `tracing` span.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Span {
    /// The function with its type, or the name given.
    pub name: String,
    /// Recorded fields, name and text.
    pub fields: Vec<(String, String)>,
    /// How the call ended; `None` for a span of `tracing`, and for one that had not ended when the capture did.
    pub outcome: Option<Outcome>,
    /// Whether it ended before the capture did.
    pub ended: bool,
    /// Variant or type of the error; empty without.
    pub error: &'static str,
    /// Its kind.
    pub kind: SpanKind,
    /// Its level.
    pub level: tracing::Level,
    /// Its target.
    pub target: &'static str,
    /// How long it took; zero before its end.
    pub duration: Duration,
    /// Its trace.
    pub trace_id: u128,
    /// Its id.
    pub span_id: u64,
    /// Id of its parent; 0: none.
    pub parent_id: u64,
}

impl Span {
    pub(super) fn begun(start: &SpanStart, fields: &Fields) -> Self {
        let metadata = start.origin.metadata();
        let fields = pairs(fields);
        Self {
            // As backends show it.
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

    /// The text of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        find(&self.fields, name)
    }
}

/// A business event.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// Its dotted name.
    pub name: &'static str,
    /// Its fields, name and text.
    pub fields: Vec<(String, String)>,
    /// The span it was emitted in; 0: none.
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

    /// The text of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        find(&self.fields, name)
    }
}

/// A log line of `tracing`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Log {
    /// Its level.
    pub level: tracing::Level,
    /// Its target.
    pub target: &'static str,
    /// Its message.
    pub message: String,
    /// Its other fields, name and text.
    pub fields: Vec<(String, String)>,
    /// The span it was written in; 0: none.
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

    /// The text of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        find(&self.fields, name)
    }
}

/// A reported error or message, or a slow call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// How serious.
    pub level: Level,
    /// Variant or type of the error; `slow` for a slow call; empty for a message.
    pub label: &'static str,
    /// The error's type in full; empty without an error.
    pub type_name: &'static str,
    /// The error's text, or the message.
    pub text: String,
    /// Texts of the error's sources, outermost first.
    pub chain: Vec<String>,
    /// The function that reported it; empty outside any.
    pub function: &'static str,
    /// The annotated calls around it, outermost first.
    pub stack: Vec<&'static str>,
    /// Who the request was served for.
    pub user: Option<User>,
    /// The request's tags, key and value.
    pub tags: Vec<(String, String)>,
    /// What happened before, oldest first.
    pub breadcrumbs: Vec<String>,
    /// Given with `.with(key, value)`, or read by `on_failure(..)`.
    pub extra: Vec<(String, String)>,
    /// How many like it were not reported since the last.
    pub repeats: u64,
    /// The span it was reported in; 0: none.
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

    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        find(&self.tags, key)
    }
}
