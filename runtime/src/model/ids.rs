//! Ids of traces and spans.

/// The ids of a span: its trace, itself and its parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    /// Halves of the trace id; zero means no trace.
    pub(crate) trace: [u64; 2],
    /// Span id; zero means no span of its own.
    pub(crate) span: u64,
    /// Parent's span id; zero if the trace begins here.
    pub(crate) parent: u64,
}

impl Ids {
    pub(crate) const NONE: Self = Self {
        trace: [0; 2],
        span: 0,
        parent: 0,
    };

    pub(crate) fn trace_id(self) -> u128 {
        join(self.trace)
    }
}

/// Joins the halves of a trace id.
pub(crate) const fn join(halves: [u64; 2]) -> u128 {
    ((halves[0] as u128) << 64) | halves[1] as u128
}

/// Splits a trace id into halves. Frames and records hold halves, because `u128` would align them to 16 bytes.
pub(crate) const fn split(id: u128) -> [u64; 2] {
    [(id >> 64) as u64, id as u64]
}
