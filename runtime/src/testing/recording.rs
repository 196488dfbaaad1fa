//! The data that a capture has recorded so far.

use super::items::Item;
use super::metric::SeriesValue;
use crate::model::drop_reason::DropReason;
use crate::model::fields::Fields;
use crate::model::site::Series;
use std::collections::HashMap;

/// The data recorded so far.
#[derive(Default)]
pub(super) struct Recording {
    /// In the order in which they were reported.
    pub(super) items: Vec<Item>,
    /// Open spans by id.
    pub(super) spans: HashMap<u64, OpenSpan>,
    pub(super) metrics: Vec<(&'static Series, SeriesValue)>,
    pub(super) lost: Vec<(DropReason, u64)>,
}

/// A span that has not ended.
pub(super) struct OpenSpan {
    /// Its index in [`Recording::items`].
    pub(super) item: usize,
    pub(super) fields: Fields,
}
