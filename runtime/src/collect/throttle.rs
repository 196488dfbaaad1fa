//! Throttling: for each kind of error of each function, a few reports pass in each window, and the rest are counted.

use crate::base::clock;
use crate::model::site::Site;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Number of reports that pass in a window.
const BURST: u64 = 5;
/// Length of a window, in seconds.
pub(crate) const WINDOW: f64 = 10.0;
/// Number of slots. Two kinds with the same slot share their allowance, which bounds memory for any number of kinds.
const SLOTS: usize = 1024;

/// 2^64 divided by the golden ratio, for Fibonacci hashing; its upper bits on targets with smaller addresses.
const GOLDEN: usize = (0x9e37_79b9_7f4a_7c15_u64 >> (64 - usize::BITS)) as usize;

struct Slot {
    /// Tick at which the window began; zero if there was none.
    began: AtomicU64,
    /// Number of errors in the window.
    seen: AtomicU64,
}

/// Counts of recent errors.
pub(crate) struct Throttle([Slot; SLOTS]);

impl Throttle {
    pub(crate) const fn new() -> Self {
        Self(
            [const {
                Slot {
                    began: AtomicU64::new(0),
                    seen: AtomicU64::new(0),
                }
            }; SLOTS],
        )
    }

    /// Returns how many errors of this kind were throttled since the last report, or `None` if this one, at the tick `now`, is
    /// throttled as well.
    pub(crate) fn admit(&self, site: &'static Site, label: &'static str, now: u64) -> Option<u64> {
        admit_at(&self.0[slot(site, label)], now)
    }

    /// Returns whether errors of this kind are being throttled at the tick `now`.
    pub(crate) fn is_over(&self, site: &'static Site, label: &'static str, now: u64) -> bool {
        let slot = &self.0[slot(site, label)];
        slot.seen.load(Relaxed) > BURST && clock::seconds(slot.began.load(Relaxed), now) <= WINDOW
    }
}

fn admit_at(slot: &Slot, now: u64) -> Option<u64> {
    let began = slot.began.load(Relaxed);
    if began == 0 || clock::seconds(began, now) > WINDOW {
        // One thread begins the new window, and the others count in it.
        if slot
            .began
            .compare_exchange(began, now.max(1), Relaxed, Relaxed)
            .is_ok()
        {
            let seen = slot.seen.swap(1, Relaxed);
            return Some(seen.saturating_sub(BURST));
        }
    }
    (slot.seen.fetch_add(1, Relaxed) < BURST).then_some(0)
}

fn slot(site: &'static Site, label: &'static str) -> usize {
    let site = std::ptr::from_ref(site) as usize;
    let label = label.as_ptr() as usize;
    // Fibonacci hashing of the two addresses.
    let mixed = (site ^ label.rotate_left(17)).wrapping_mul(GOLDEN);
    (mixed >> (usize::BITS - 16)) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_is_counted() {
        let slot = Slot {
            began: AtomicU64::new(0),
            seen: AtomicU64::new(0),
        };
        let now = clock::now().max(1);
        let admitted = (0..1000).filter(|_| admit_at(&slot, now).is_some()).count();
        assert_eq!(admitted as u64, BURST);
        // More ticks than a window has, at any clock rate up to 100 GHz.
        assert_eq!(admit_at(&slot, now + (2e12 as u64)), Some(1000 - BURST));
    }
}
