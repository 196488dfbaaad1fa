//! How much was dropped, by reason. Nothing is lost silently.

use crate::model::drop_reason::DropReason;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static DROPPED: [AtomicU64; DropReason::ALL.len()] =
    [const { AtomicU64::new(0) }; DropReason::ALL.len()];

/// Adds to what the process dropped.
pub(crate) fn add(reason: DropReason, count: u64) {
    DROPPED[reason as usize].fetch_add(count, Relaxed);
}

/// How many records of each kind were dropped since the process started.
///
/// ```
/// for (reason, count) in instrumental::lost() {
///     assert_eq!(count, 0, "{}", reason.as_str());
/// }
/// ```
#[must_use]
pub fn lost() -> Vec<(DropReason, u64)> {
    DropReason::ALL
        .iter()
        .map(|reason| (*reason, DROPPED[*reason as usize].load(Relaxed)))
        .filter(|(_, count)| *count > 0)
        .collect()
}
