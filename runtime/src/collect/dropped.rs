//! Counting of items that calls drop.

use crate::base::drop_counts;
use crate::collect::capture;
use crate::model::drop_reason::DropReason;

/// Counts a dropped item, for the test that captures this thread, or else for the process.
pub(crate) fn count(reason: DropReason) {
    match capture::listening() {
        Some(tap) => tap.lost(reason),
        None => drop_counts::add(reason, 1),
    }
}
