//! The parts of a trace tree.

use crate::model::fields::Fields;
use std::time::{Duration, SystemTime};

/// A span that has ended.
pub(super) struct Row {
    /// Whether it begins a trace, or comes from another process: or from this one, where it calls itself.
    pub(super) begins: bool,
    pub(super) span: u64,
    pub(super) parent: u64,
    pub(super) name: String,
    pub(super) start: (SystemTime, u64),
    pub(super) duration: Duration,
    /// How it ended.
    pub(super) ending: &'static str,
    /// Not as it should.
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

/// A line in the making.
pub(super) enum Line<'a> {
    Span(&'a Row),
    Note(&'a Note),
    Folded {
        name: &'a str,
        count: usize,
        total: Duration,
    },
}

impl Line<'_> {
    pub(super) fn at(&self) -> (SystemTime, u64) {
        match self {
            Self::Span(row) => row.start,
            Self::Note(note) => (note.time, u64::MAX),
            Self::Folded { .. } => (SystemTime::UNIX_EPOCH, 0),
        }
    }
}
