//! Which reports are due: by the throttle of the test that captures this thread, else by the process's.

use crate::collect::capture;
use crate::collect::throttle::Throttle;
use crate::model::site::Site;

static PROCESS: Throttle = Throttle::new();

/// Whether this one, of the tick `now`, is reported, and how many before it were not.
pub(super) fn admit(site: &'static Site, label: &'static str, now: u64) -> Option<u64> {
    match capture::listening() {
        Some(tap) => tap.throttle().admit(site, label, now),
        None => PROCESS.admit(site, label, now),
    }
}

/// Whether errors of this kind are more, at the tick `now`, than are reported.
pub(super) fn is_over(site: &'static Site, label: &'static str, now: u64) -> bool {
    PROCESS.is_over(site, label, now)
}
