//! The `tracing` subscriber that `init` installs. It records log lines and the spans of other libraries (sqlx, hyper, tower).
//!
//! Annotated calls do not pass through it. A foreign span's `tracing` id is its span id, so both kinds of spans can be
//! nested in each other.

use crate::base::clock;
use crate::collect::capture::{self, Tap};
use crate::collect::record_queue;
use crate::collect::report::captured;
use crate::collect::trace::fields::encode_with;
use crate::collect::trace::frame::{self, FrameData, Source};
use crate::collect::trace::{context, ids, record, sampling};
use crate::model::fields::Fields;
use crate::model::ids::Ids;
use crate::model::ids::split;
use crate::model::outcome::Outcome;
use crate::model::record::{LogRecord, Record};
use crate::model::span::{Origin, SpanEnd, SpanStart};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tracing::span::{Attributes, Id, Record as Values};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_core::span::Current as CurrentSpan;

/// Maximum number of open foreign spans; further ones are not recorded.
const MAX_SPANS: usize = 65_536;
const SHARDS: usize = 16;

struct ForeignSpan {
    metadata: &'static Metadata<'static>,
    trace: [u64; 2],
    parent: u64,
    start: u64,
    /// Bits of [`frame`].
    flags: u32,
    handles: usize,
    /// Whether it represents an annotated call, which records its own end.
    is_call: bool,
    /// The tap of the test that captures it.
    tap: Option<Arc<dyn Tap>>,
}

static SPANS: [Mutex<Option<HashMap<u64, ForeignSpan>>>; SHARDS] =
    [const { Mutex::new(None) }; SHARDS];

fn with_spans<R: Default>(id: u64, then: impl FnOnce(&mut HashMap<u64, ForeignSpan>) -> R) -> R {
    let spans = crate::base::fork::lock(&SPANS[id as usize % SHARDS]);
    spans.map_or_else(R::default, |mut spans| then(spans.get_or_insert_default()))
}

/// Returns trace and flags of an open span: the innermost call, or a foreign span.
pub(crate) fn trace_of(id: u64) -> Option<([u64; 2], u32)> {
    let current = context::current();
    if current.span == id {
        return Some((current.trace, context::current_flags()));
    }
    with_spans(id, |spans| {
        spans.get(&id).map(|span| (span.trace, span.flags))
    })
}

/// Decides which log lines and foreign spans are recorded.
pub(crate) type Filter = Box<dyn Fn(&Metadata<'_>) -> bool + Send + Sync>;

/// The subscriber.
pub(crate) struct Pipeline {
    filter: Filter,
}

impl Pipeline {
    pub(crate) fn new(filter: Filter) -> Self {
        Self { filter }
    }

    fn begin(&self, attributes: &Attributes<'_>, id: u64) {
        if crate::base::internal_thread::is_internal() {
            return;
        }
        let span = ForeignSpan::new(attributes);
        let flags = span.flags;
        let kept = with_spans(id, |spans| {
            let room = spans.len() < MAX_SPANS / SHARDS;
            if room {
                spans.insert(id, span);
            }
            room
        });
        if !kept {
            crate::collect::dropped::count(crate::model::drop_reason::DropReason::SpanQueueFull);
        } else if flags & frame::RECORDED != 0 {
            let values = encode_with(|visit| attributes.record(visit));
            self.record_start(id, &values);
        }
    }

    /// Records the start of a foreign span, or further fields of it.
    fn record_start(&self, id: u64, values: &[u8]) {
        let start = with_spans(id, |spans| {
            spans.get(&id).map(|span| {
                let start = SpanStart {
                    origin: Origin::Foreign(span.metadata),
                    trace: span.trace,
                    span: id,
                    parent: span.parent,
                    later: false,
                };
                (start, span.tap.clone())
            })
        });
        if let Some((start, tap)) = start {
            begun(start, tap, values);
        }
    }
}

impl Subscriber for Pipeline {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if (self.filter)(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        (self.filter)(metadata)
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let id = ids::span();
        self.begin(attributes, id);
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Values<'_>) {
        let id = id.into_u64();
        let bytes = encode_with(|visit| values.record(visit));
        // `Span::current().record(..)` in an annotated call has the id of the call's own span.
        match (context::current(), context::top_site()) {
            (ids, Some(site)) if ids.span == id && is_ours(id) => begun(
                SpanStart {
                    origin: Origin::Site(site),
                    trace: ids.trace,
                    span: id,
                    parent: 0,
                    later: true,
                },
                capture::listening(),
                &bytes,
            ),
            _ => self.record_start(id, &bytes),
        }
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if crate::base::internal_thread::is_internal() {
            return;
        }
        let metadata = event.metadata();
        let values = encode_with(|visit| event.record(visit));
        let (place, fields) = (context::place(), Fields::new(metadata.fields(), values));
        let is_error = *metadata.level() == Level::ERROR;
        // The result is the record if there is no receiver; then it is dropped.
        let _ = record_queue::send(Record::Log(LogRecord {
            metadata,
            time: crate::base::host::time_of_day(),
            matches_captured: is_error && captured::matches(&fields, place.trace),
            place,
            fields,
        }));
    }

    fn enter(&self, id: &Id) {
        let id = id.into_u64();
        let frame = with_spans(id, |spans| spans.get(&id).map(|span| span.frame(id)));
        if let Some(frame) = frame {
            context::push(frame);
        }
    }

    fn exit(&self, id: &Id) {
        context::remove(id.into_u64());
    }

    fn clone_span(&self, id: &Id) -> Id {
        let raw = id.into_u64();
        with_spans(raw, |spans| match spans.get_mut(&raw) {
            Some(span) => span.handles += 1,
            // The result of `Span::current()` in an annotated call, which a library may enter on another thread.
            None => {
                if let Some(span) =
                    ForeignSpan::of_call(raw).filter(|_| spans.len() < MAX_SPANS / SHARDS)
                {
                    spans.insert(raw, span);
                }
            }
        });
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let id = id.into_u64();
        let ended = with_spans(id, |spans| {
            let span = spans.get_mut(&id)?;
            span.handles -= 1;
            if span.handles == 0 {
                spans.remove(&id)
            } else {
                None
            }
        });
        let Some(span) = ended.filter(|span| !span.is_call) else {
            return false;
        };
        let recorded = span.flags & frame::RECORDED != 0;
        let end = recorded.then(|| SpanEnd {
            origin: Origin::Foreign(span.metadata),
            trace: span.trace,
            span: id,
            parent: span.parent,
            start: span.start,
            end: clock::now(),
            outcome: Outcome::Ok,
            error: "",
            class: crate::ErrorClass::UNCLASSIFIED,
            flags: span.flags as u8,
        });
        match (end, span.tap) {
            (Some(end), Some(tap)) => tap.end(end),
            (Some(end), None) => record::end(end),
            (None, _) => {}
        }
        true
    }

    fn current_span(&self) -> CurrentSpan {
        let ids = context::current();
        match context::current_metadata() {
            Some(metadata) if ids.span != 0 => CurrentSpan::new(Id::from_u64(ids.span), metadata),
            _ => CurrentSpan::none(),
        }
    }
}

impl ForeignSpan {
    /// Creates a span that starts now, as a child of its explicit parent or of the innermost span.
    fn new(attributes: &Attributes<'_>) -> Self {
        let tap = capture::listening();
        let parent = match attributes.parent() {
            Some(parent) => parent.into_u64(),
            None if attributes.is_contextual() => contextual_parent(tap.is_some()),
            None => 0,
        };
        let known = if parent == 0 { None } else { trace_of(parent) };
        let (trace, flags) = match known {
            Some((trace, flags)) if trace != [0; 2] => {
                (trace, flags & (frame::RECORDED | frame::SAMPLED))
            }
            _ => {
                let trace = ids::trace();
                let name = || attributes.metadata().name();
                let flags = sampling::of_root(trace, name) | frame::ROOT;
                (split(trace), flags)
            }
        };
        let tapped = u32::from(tap.is_some()) * (frame::TAPPED | frame::RECORDED);
        Self {
            metadata: attributes.metadata(),
            trace,
            parent,
            start: clock::now(),
            flags: flags | tapped,
            handles: 1,
            is_call: false,
            tap,
        }
    }

    /// Returns the innermost call as a foreign span, if `id` is its span.
    fn of_call(id: u64) -> Option<Self> {
        let ids = context::current();
        let metadata = context::current_metadata().filter(|_| ids.span == id)?;
        Some(Self {
            metadata,
            trace: ids.trace,
            parent: ids.parent,
            start: 0,
            flags: context::current_flags(),
            handles: 1,
            is_call: true,
            tap: capture::listening(),
        })
    }

    fn frame(&self, id: u64) -> FrameData {
        FrameData {
            source: Source::Foreign(self.metadata),
            ids: Ids {
                trace: self.trace,
                span: id,
                parent: self.parent,
            },
            flags: self.flags & !frame::ROOT,
            ..FrameData::EMPTY
        }
    }
}

/// Passes the start of a span, or further fields of it, to a capturing test or to the pipeline.
fn begun(start: SpanStart, tap: Option<Arc<dyn Tap>>, values: &[u8]) {
    match tap {
        Some(tap) => {
            let names = start.origin.metadata().fields();
            tap.start(start, Fields::new(names, values.to_vec()));
        }
        None => record::start(start, values),
    }
}

/// Returns the innermost span, or zero if it must not be the parent of a new span: spans outside a capturing test are not
/// parents of spans within it.
fn contextual_parent(is_tapped: bool) -> u64 {
    let of_tap = context::current_flags() & frame::TAPPED != 0;
    if of_tap == is_tapped {
        context::current().span
    } else {
        0
    }
}

/// Returns whether a span belongs to an annotated call.
fn is_ours(id: u64) -> bool {
    with_spans(id, |spans| spans.get(&id).is_none_or(|span| span.is_call))
}
