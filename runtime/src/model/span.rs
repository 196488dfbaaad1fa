//! What is recorded of a span: its beginning and its end.

use crate::model::fault::ErrorClass;
use crate::model::ids::join;
use crate::model::outcome::Outcome;
use crate::model::site::Site;
use tracing::Metadata;

/// Where a span comes from.
#[derive(Clone, Copy)]
pub(crate) enum Origin {
    /// An annotated function.
    Site(&'static Site),
    /// A `tracing` span of somebody else.
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

/// A span has begun, and recorded these fields; or has recorded more.
#[derive(Clone, Copy)]
pub(crate) struct SpanStart {
    pub(crate) origin: Origin,
    pub(crate) trace: [u64; 2],
    pub(crate) span: u64,
    pub(crate) parent: u64,
    /// More fields of a span that began before.
    pub(crate) later: bool,
}

/// A span has ended.
#[derive(Clone, Copy)]
pub(crate) struct SpanEnd {
    pub(crate) origin: Origin,
    pub(crate) trace: [u64; 2],
    pub(crate) span: u64,
    pub(crate) parent: u64,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) outcome: Outcome,
    /// The error's label; empty: no error.
    pub(crate) error: &'static str,
    /// What the error means.
    pub(crate) class: ErrorClass,
    /// Bits of [`frame`](crate::collect::trace::frame).
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
