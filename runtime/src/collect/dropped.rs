//! Counts what calls drop: for the test that captures this thread, else for the process.

use crate::base::drop_counts;
use crate::collect::capture;
use crate::model::drop_reason::DropReason;

pub(crate) fn count(reason: DropReason) {
    match capture::listening() {
        Some(tap) => tap.lost(reason),
        None => drop_counts::add(reason, 1),
    }
}
