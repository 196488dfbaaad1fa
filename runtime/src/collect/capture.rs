//! Where records go that are not numbers or spans; and the tap by which a test takes all of them.

use crate::base::dropped::{self, Reason};
use crate::base::reentry;
use crate::collect::report::throttle::Throttle;
use crate::collect::trace::context::frame;
use crate::collect::trace::fields::Fields;
use crate::collect::trace::record::{SpanEnd, SpanStart};
use crate::collect::trace::{context, spill};
use crate::model::event::EventSite;
use crate::model::incoming::Incoming;
use crate::model::scope::{Breadcrumb, Level, User};
use crate::model::series::Series;
use crate::model::site::Site;
use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;
use tracing::{Dispatch, Metadata};

/// Takes everything that is reported where it is put (see [`context::swap_tap`]).
pub(crate) trait Tap: Send + Sync {
    fn start(&self, start: SpanStart, fields: Fields);
    fn end(&self, end: SpanEnd);
    fn metric(&self, series: &'static Series, change: Change);
    fn record(&self, record: Record);
    fn lost(&self, reason: Reason);
    /// Its own storm control.
    fn throttle(&self) -> &Throttle;
    /// Takes log lines and foreign spans of the threads it is put on.
    fn dispatch(&self) -> &Dispatch;
}

/// A change of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    Add(u64),
    Set(f64),
    Adjust(f64),
    Record(f64),
}

/// Something that happened once.
pub(crate) enum Record {
    Event(Arc<EventRecord>),
    Report(Arc<Report>),
    Log(LogRecord),
    /// The span began in a request that brought this.
    Incoming(Place, Arc<Incoming>),
}

impl Record {
    /// Roughly the memory it takes.
    fn size(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Event(event) => size_of::<EventRecord>() + event.fields.size(),
                Self::Report(report) => report.size(),
                Self::Log(log) => log.fields.size(),
                Self::Incoming(..) => size_of::<Incoming>(),
            }
    }
}

/// Where in a trace something happened. Zero: outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) trace: u128,
    pub(crate) span: u64,
    /// Whether the span is recorded.
    pub(crate) recorded: bool,
    /// Whether its trace is sampled.
    pub(crate) sampled: bool,
}

impl Place {
    pub(crate) fn here() -> Self {
        let (current, flags) = (context::current(), context::current_flags());
        Self {
            trace: current.trace_id(),
            span: current.span,
            recorded: flags & frame::RECORDED != 0,
            sampled: flags & frame::SAMPLED != 0,
        }
    }
}

/// A business event.
pub(crate) struct EventRecord {
    pub(crate) site: &'static EventSite,
    pub(crate) time: SystemTime,
    pub(crate) place: Place,
    pub(crate) fields: Fields,
}

/// A line of the log.
pub(crate) struct LogRecord {
    pub(crate) metadata: &'static Metadata<'static>,
    pub(crate) time: SystemTime,
    pub(crate) place: Place,
    pub(crate) fields: Fields,
    /// It tells of an error that was captured.
    pub(crate) tells: bool,
}

/// An error, a message, a panic or a slow call, with what was known when it happened.
pub(crate) struct Report {
    pub(crate) kind: ReportKind,
    pub(crate) level: Level,
    pub(crate) time: SystemTime,
    pub(crate) place: Place,
    /// Where; `None` outside annotated calls.
    pub(crate) site: Option<&'static Site>,
    /// Variant or type; empty for a message.
    pub(crate) label: &'static str,
    pub(crate) type_name: &'static str,
    pub(crate) text: Arc<str>,
    /// The sources, outermost first.
    pub(crate) chain: Vec<Source>,
    /// Annotated calls around, outermost first.
    pub(crate) stack: Vec<&'static Site>,
    pub(crate) user: Option<User>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) breadcrumbs: Vec<Breadcrumb>,
    /// Given with `.with(key, value)`, or read by `on_failure(..)` where the span does not have it.
    pub(crate) extra: Vec<(String, String)>,
    /// How many like it were not reported since the last.
    pub(crate) repeats: u64,
    /// What the request brought along.
    pub(crate) incoming: Option<Arc<Incoming>>,
    /// Where the process was, innermost first; symbols are looked up when it is shown.
    pub(crate) backtrace: Option<std::backtrace::Backtrace>,
}

impl Report {
    /// Roughly the memory it takes.
    fn size(&self) -> usize {
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
        size_of::<Self>() + self.text.len() + pairs + chain + crumbs
    }

    /// The annotated calls around, innermost first, a line each.
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

/// What an error came from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// As far as it is known; else empty.
    pub(crate) type_name: &'static str,
    pub(crate) text: String,
}

/// What a report is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportKind {
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

/// Records waiting for the background thread. More are dropped and counted.
const QUEUE: usize = 8192;
/// Bytes they may take.
const QUEUE_BYTES: usize = 4 << 20;
static WAITING: Mutex<Waiting> = Mutex::new(Waiting {
    records: VecDeque::new(),
    bytes: 0,
});

struct Waiting {
    records: VecDeque<Record>,
    bytes: usize,
}
static OPEN: AtomicBool = AtomicBool::new(false);

/// Whether a pipeline takes records.
pub(crate) fn is_open() -> bool {
    OPEN.load(Relaxed)
}

pub(crate) fn open(open: bool) {
    OPEN.store(open, Relaxed);
}

/// Sends a record to this thread's tap, or else to the pipeline; hands it back when there is neither.
pub(crate) fn send(record: Record) -> Option<Record> {
    let tap = listening();
    if tap.is_none() && !is_open() {
        return Some(record);
    }
    // The queue may grow, and the allocator send what comes here again.
    let _mark = reentry::enter_or_lose()?;
    if let Some(tap) = tap {
        tap.record(record);
        return None;
    }
    if crate::base::quiet::is_quiet() {
        // A hook's: what it reports would come to it again.
        dropped::count(Reason::OwnThread);
        return None;
    }
    let size = record.size();
    let has_room = |waiting: &MutexGuard<'_, Waiting>| {
        waiting.records.len() < QUEUE && waiting.bytes + size <= QUEUE_BYTES
    };
    match crate::base::fork::lock(&WAITING).filter(has_room) {
        Some(mut waiting) => {
            waiting.bytes += size;
            waiting.records.push_back(record);
        }
        None => dropped::count(Reason::RecordQueueFull),
    }
    None
}

/// Takes what waits.
pub(crate) fn take() -> VecDeque<Record> {
    let mut waiting = crate::base::sync::lock(&WAITING);
    waiting.bytes = 0;
    std::mem::take(&mut waiting.records)
}

/// This thread's tap. Without any tap in the process: one load.
pub(crate) fn listening() -> Option<Arc<dyn Tap>> {
    if crate::collect::dispatch::taps() == 0 {
        return None;
    }
    spill::tap()
}
