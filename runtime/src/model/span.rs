//! Span records: one for the start of a span, and one for its end.

use crate::model::fault::ErrorClass;
use crate::model::ids::join;
use crate::model::outcome::Outcome;
use crate::model::site::Site;
use tracing::Metadata;

/// The origin of a span.
#[derive(Clone, Copy)]
pub(crate) enum Origin {
    /// An annotated function.
    Site(&'static Site),
    /// A `tracing` span of another library.
    Foreign(&'static Metadata<'static>),
}

impl Origin {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Site(site) => site.name(),
            Self::Foreign(metadata) => metadata.name(),
        }
    }

    pub(crate) fn metadata(self) -> &'static Metadata<'static> {
        match self {
            Self::Site(site) => site.metadata(),
            Self::Foreign(metadata) => metadata,
        }
    }
}

/// The start of a span with its fields, or further fields of a span that started before.
#[derive(Clone, Copy)]
pub(crate) struct SpanStart {
    pub(crate) origin: Origin,
    pub(crate) trace: [u64; 2],
    pub(crate) span: u64,
    pub(crate) parent: u64,
    /// Whether these are further fields of a span that started before.
    pub(crate) later: bool,
}

/// The end of a span.
#[derive(Clone, Copy)]
pub(crate) struct SpanEnd {
    pub(crate) origin: Origin,
    pub(crate) trace: [u64; 2],
    pub(crate) span: u64,
    pub(crate) parent: u64,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) outcome: Outcome,
    /// The error's label; empty if there is no error.
    pub(crate) error: &'static str,
    /// The error's class.
    pub(crate) class: ErrorClass,
    /// Flags of the frame (`collect/trace/frame.rs`).
    pub(crate) flags: u8,
}

impl SpanEnd {
    pub(crate) fn trace_id(&self) -> u128 {
        join(self.trace)
    }

    pub(crate) fn is(&self, flag: u32) -> bool {
        u32::from(self.flags) & flag != 0
    }
}
