//! A frame of a thread's stack: one annotated call or foreign span. The constants are bits of [`FrameData::flags`].

use crate::model::ids::Ids;
use crate::model::site::{Series, Site};
use std::cell::Cell;
use tracing::Metadata;

/// Its span is recorded.
pub(crate) const RECORDED: u32 = 1;
/// A tap takes its records.
pub(crate) const TAPPED: u32 = 2;
/// Its span is the application's.
pub(crate) const FACADE: u32 = 4;
/// It has been polled.
pub(crate) const BEGUN: u32 = 8;
/// Its trace is sampled, which other services are told. One that is recorded only is kept if it fails or is slow.
pub(crate) const SAMPLED: u32 = 16;
/// Its trace begins here, or comes from another process here.
pub(crate) const ROOT: u32 = 32;
/// It never ran: its future was dropped before its first poll.
pub(crate) const VOID: u32 = 64;
/// It unwinds, or its future was dropped: what its look holds is dropped next.
pub(crate) const FAILED: u32 = 128;

/// Where a frame comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// An annotated call.
    Site(&'static Site),
    /// A `tracing` span of somebody else.
    Foreign(&'static Metadata<'static>),
    /// A scope, or a context carried from elsewhere.
    Scope,
}

/// A frame, off the stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameData {
    pub(crate) source: Source,
    pub(crate) start: u64,
    pub(crate) ids: Ids,
    pub(crate) listen: u32,
    pub(crate) flags: u32,
    /// A histogram of the catalog that gets the duration as well.
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

/// A frame on the stack: written field by field, so that a call pays for what it uses.
#[repr(C)]
pub(crate) struct Frame {
    pub(crate) source: Cell<Source>,
    // Not next to its parent: a load of both at once would wait for the two stores before it.
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

    /// Whether it is the foreign span of this id: `tracing` may enter and leave an annotated call's span too, which is
    /// not to end the call.
    pub(super) fn is_foreign(&self, span: u64) -> bool {
        self.span.get() == span && matches!(self.source.get(), Source::Foreign(_))
    }

    /// Whether it has a span of its own.
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
