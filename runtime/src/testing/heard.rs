//! What a test has heard so far.

use super::metric::Number;
use super::seen_items::Item;
use crate::model::drop_reason::DropReason;
use crate::model::fields::Fields;
use crate::model::site::Series;
use std::collections::HashMap;

/// What was reported so far, in order.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) items: Vec<Item>,
    pub(super) spans: HashMap<u64, Begun>,
    pub(super) metrics: Vec<(&'static Series, Number)>,
    pub(super) lost: Vec<(DropReason, u64)>,
}

/// A span that has begun.
pub(super) struct Begun {
    /// Its place among the items.
    pub(super) item: usize,
    pub(super) fields: Fields,
}
