//! Records of single occurrences: business events, reports and log lines, each with its place in a trace.

use crate::model::event::EventSite;
use crate::model::fields::Fields;
use crate::model::incoming::Incoming;
use crate::model::level::Level;
use crate::model::request::{Breadcrumb, User};
use crate::model::site::Site;
use std::fmt::Write;
use std::sync::Arc;
use std::time::SystemTime;
use tracing::Metadata;

/// A record of something that happened once.
pub(crate) enum Record {
    Event(Arc<EventRecord>),
    Report(Arc<Report>),
    Log(LogRecord),
    /// The span at this place began in a request that carried this context.
    Incoming(Place, Arc<Incoming>),
}

impl Record {
    /// Returns approximately how many bytes of memory it takes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Event(event) => event.size(),
                Self::Report(report) => report.size(),
                Self::Log(log) => log.fields.size(),
                Self::Incoming(..) => size_of::<Incoming>(),
            }
    }
}

/// Where in a trace something happened. Ids are zero outside any trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) trace: u128,
    pub(crate) span: u64,
    /// Whether the span is recorded.
    pub(crate) recorded: bool,
    /// Whether its trace is sampled.
    pub(crate) sampled: bool,
}

/// A business event.
pub struct EventRecord {
    pub(crate) site: &'static EventSite,
    pub(crate) time: SystemTime,
    pub(crate) place: Place,
    pub(crate) fields: Fields,
}

/// A log line.
#[derive(Clone)]
pub struct LogRecord {
    pub(crate) metadata: &'static Metadata<'static>,
    pub(crate) time: SystemTime,
    pub(crate) place: Place,
    pub(crate) fields: Fields,
    /// Whether it describes an error that was captured as well.
    pub(crate) matches_captured: bool,
}

impl EventRecord {
    /// Roughly the memory it takes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.fields.size()
    }
}

impl LogRecord {
    /// Roughly the memory it takes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.fields.size()
    }
}

/// An error, a message, a panic or a slow call, with what was known when it happened.
pub struct Report {
    pub(crate) kind: ReportKind,
    pub(crate) level: Level,
    pub(crate) time: SystemTime,
    pub(crate) place: Place,
    /// The innermost annotated function; `None` outside annotated calls.
    pub(crate) site: Option<&'static Site>,
    /// Variant or type of the error; empty for a message.
    pub(crate) label: &'static str,
    pub(crate) type_name: &'static str,
    pub(crate) text: Arc<str>,
    /// The sources, outermost first.
    pub(crate) chain: Vec<Source>,
    /// The enclosing annotated calls, outermost first.
    pub(crate) stack: Vec<&'static Site>,
    pub(crate) user: Option<User>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) breadcrumbs: Vec<Breadcrumb>,
    /// Values added with `.with(key, value)`, or read by `on_failure(..)` if the span does not record them.
    pub(crate) extra: Vec<(String, String)>,
    /// Recorded fields of the enclosing span, filled in by the background thread.
    pub(crate) around: Option<Fields>,
    /// Number of reports of the same kind that were throttled since the last one.
    pub(crate) repeats: u64,
    /// Backtrace of the panic. Symbols are resolved when it is formatted.
    pub(crate) backtrace: Option<std::backtrace::Backtrace>,
}

impl Report {
    /// Roughly the memory it takes.
    pub(crate) fn size(&self) -> usize {
        let pairs = self.tags.iter().chain(&self.extra);
        let pairs: usize = pairs.map(|(key, value)| key.len() + value.len()).sum();
        let chain: usize = self
            .chain
            .iter()
            .map(|source| size_of_val(source) + source.text.len())
            .sum();
        let crumbs = self.breadcrumbs.iter();
        let crumbs: usize = crumbs
            .map(|crumb| size_of_val(crumb) + crumb.message.len())
            .sum();
        let around = self.around.as_ref().map_or(0, Fields::size);
        size_of::<Self>() + self.text.len() + pairs + chain + crumbs + around
    }

    /// Formats the enclosing annotated calls, innermost first, one per line.
    pub(crate) fn logical_stack(&self) -> String {
        let mut out = String::new();
        for (n, site) in self.stack.iter().rev().enumerate() {
            let spec = site.spec();
            let break_ = if n == 0 { "" } else { "\n" };
            // Into a String: cannot fail.
            let _ = write!(
                out,
                "{break_}{}::{} at {}:{}",
                spec.module,
                site.function(),
                spec.file,
                spec.line
            );
        }
        out
    }
}

/// A source of an error.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Name of its type; empty if unknown.
    pub(crate) type_name: &'static str,
    pub(crate) text: String,
}

/// What a report describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// An annotated call returned an error.
    Error,
    /// `capture_error` was called.
    Manual,
    /// `capture_message` was called.
    Message,
    /// A call took longer than its limit.
    Slow,
    /// A thread panicked.
    Panic,
}
