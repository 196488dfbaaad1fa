//! Throttling of reports, by the throttle of the test that captures this thread, or else of the process.

use crate::collect::capture;
use crate::collect::throttle::Throttle;
use crate::model::site::Site;

static PROCESS: Throttle = Throttle::new();

/// Returns how many reports of this kind were throttled since the last one, or `None` if this one is throttled as well.
pub(super) fn admit(site: &'static Site, label: &'static str, now: u64) -> Option<u64> {
    match capture::listening() {
        Some(tap) => tap.throttle().admit(site, label, now),
        None => PROCESS.admit(site, label, now),
    }
}

/// Returns whether errors of this kind are being throttled at the tick `now`.
pub(super) fn is_over(site: &'static Site, label: &'static str, now: u64) -> bool {
    PROCESS.is_over(site, label, now)
}
