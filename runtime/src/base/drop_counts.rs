//! Counts of dropped items, by reason. Nothing is dropped without being counted.

use crate::model::drop_reason::DropReason;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static DROPPED: [AtomicU64; DropReason::ALL.len()] =
    [const { AtomicU64::new(0) }; DropReason::ALL.len()];

/// Adds to the count of dropped items.
pub(crate) fn add(reason: DropReason, count: u64) {
    DROPPED[reason as usize].fetch_add(count, Relaxed);
}

/// Returns how many items this process dropped before they reached a backend, by reason. Reasons without drops are left
/// out.
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
