//! Frames of a thread's stack: each is an annotated call or a foreign span. The constants are bits of [`FrameData::flags`].

use crate::model::ids::Ids;
use crate::model::site::{Series, Site};
use std::cell::Cell;
use tracing::Metadata;

/// The span is recorded.
pub(crate) const RECORDED: u32 = 1;
/// A capturing test receives the span's records.
pub(crate) const TAPPED: u32 = 2;
/// The span belongs to the application's subscriber.
pub(crate) const FACADE: u32 = 4;
/// The future has been polled.
pub(crate) const BEGUN: u32 = 8;
/// The trace is sampled, and this is propagated to other services. A trace that is recorded but not sampled is kept if it
/// fails or is slow.
pub(crate) const SAMPLED: u32 = 16;
/// The span is the first of its trace in this process.
pub(crate) const ROOT: u32 = 32;
/// The call never ran, because its future was dropped before the first poll.
pub(crate) const VOID: u32 = 64;
/// The call is unwinding, or its future was dropped. Its `on_failure` values are read next.
pub(crate) const FAILED: u32 = 128;

/// The origin of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// An annotated call.
    Site(&'static Site),
    /// A `tracing` span of another library.
    Foreign(&'static Metadata<'static>),
    /// A scope, or a context carried from another thread.
    Scope,
}

/// The values of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameData {
    pub(crate) source: Source,
    pub(crate) start: u64,
    pub(crate) ids: Ids,
    pub(crate) listen: u32,
    pub(crate) flags: u32,
    /// A histogram of the catalog that records the duration as well.
    pub(crate) metric: Option<&'static Series>,
}

impl FrameData {
    pub(crate) const EMPTY: Self = Self {
        source: Source::Scope,
        start: 0,
        ids: Ids::NONE,
        listen: 0,
        flags: 0,
        metric: None,
    };
}

/// A frame on the stack. Fields are written individually, so that a call pays only for those it uses.
#[repr(C)]
pub(crate) struct Frame {
    pub(crate) source: Cell<Source>,
    // Not adjacent to `parent`: the compiler would merge the loads of both into one, which cannot be forwarded from the two
    // stores before it and stalls.
    pub(crate) span: Cell<u64>,
    pub(crate) start: Cell<u64>,
    parent: Cell<u64>,
    pub(crate) metric: Cell<Option<&'static Series>>,
    pub(crate) listen: Cell<u32>,
    pub(crate) flags: Cell<u32>,
    trace: Cell<[u64; 2]>,
}

impl Frame {
    pub(super) const fn new() -> Self {
        Self {
            source: Cell::new(Source::Scope),
            start: Cell::new(0),
            trace: Cell::new([0; 2]),
            span: Cell::new(0),
            parent: Cell::new(0),
            listen: Cell::new(0),
            flags: Cell::new(0),
            metric: Cell::new(None),
        }
    }

    #[inline]
    pub(crate) fn set(&self, data: FrameData) {
        self.source.set(data.source);
        self.start.set(data.start);
        self.set_ids(data.ids);
        self.listen.set(data.listen);
        self.flags.set(data.flags);
        self.metric.set(data.metric);
    }

    #[inline]
    pub(crate) fn data(&self) -> FrameData {
        FrameData {
            source: self.source.get(),
            start: self.start.get(),
            ids: self.ids(),
            listen: self.listen.get(),
            flags: self.flags.get(),
            metric: self.metric.get(),
        }
    }

    /// Returns whether it is the foreign span with this id. An annotated call's span is excluded: `tracing` may enter and exit
    /// it too, and that must not end the call.
    pub(super) fn is_foreign(&self, span: u64) -> bool {
        self.span.get() == span && matches!(self.source.get(), Source::Foreign(_))
    }

    /// Returns whether it has a span of its own.
    #[inline(always)]
    pub(crate) fn has_span(&self) -> bool {
        self.span.get() != 0
    }

    #[inline(always)]
    pub(crate) fn ids(&self) -> Ids {
        Ids {
            trace: self.trace.get(),
            span: self.span.get(),
            parent: self.parent.get(),
        }
    }

    #[inline(always)]
    pub(crate) fn set_ids(&self, ids: Ids) {
        self.trace.set(ids.trace);
        self.span.set(ids.span);
        self.parent.set(ids.parent);
    }
}
