//! Ids of traces and spans.

/// Trace, span and parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    /// Halves of the trace id; zero: no trace.
    pub(crate) trace: [u64; 2],
    /// Zero: no span of its own.
    pub(crate) span: u64,
    /// Zero: the trace begins here.
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

pub(crate) const fn join(halves: [u64; 2]) -> u128 {
    ((halves[0] as u128) << 64) | halves[1] as u128
}

pub(crate) const fn split(id: u128) -> [u64; 2] {
    [(id >> 64) as u64, id as u64]
}
