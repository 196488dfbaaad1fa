//! The elements of a trace tree.

use crate::model::fields::Fields;
use std::time::{Duration, SystemTime};

/// A span that has ended.
pub(super) struct Row {
    /// Whether it is a local root: its parent is absent, or in another process, or a client call to this process itself.
    pub(super) is_root: bool,
    pub(super) span: u64,
    pub(super) parent: u64,
    pub(super) name: String,
    /// The time at which it started, and a tick count that orders spans of the same time.
    pub(super) start: (SystemTime, u64),
    pub(super) duration: Duration,
    /// The word for its outcome.
    pub(super) ending: &'static str,
    /// Whether the call failed or was cancelled.
    pub(super) notable: bool,
    pub(super) error: &'static str,
    pub(super) fields: Option<Fields>,
}

/// A business event in a span.
pub(super) struct Note {
    pub(super) span: u64,
    pub(super) time: SystemTime,
    pub(super) name: &'static str,
    pub(super) fields: Fields,
}

/// A line of a tree before it is formatted.
pub(super) enum Line<'a> {
    Span(&'a Row),
    Note(&'a Note),
    /// Several calls of the same name.
    Folded {
        name: &'a str,
        count: usize,
        total: Duration,
    },
}

impl Line<'_> {
    /// Returns the key that sorts siblings chronologically.
    pub(super) fn at(&self) -> (SystemTime, u64) {
        match self {
            Self::Span(row) => row.start,
            Self::Note(note) => (note.time, u64::MAX),
            Self::Folded { .. } => (SystemTime::UNIX_EPOCH, 0),
        }
    }
}
