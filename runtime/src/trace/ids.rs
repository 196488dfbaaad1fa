//! Trace and span ids, and the sampling decision they carry.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// Part of the traces that is recorded, as a threshold on the low half of the trace id.
static SAMPLED_BELOW: AtomicU64 = AtomicU64::new(u64::MAX);

/// The next of this thread's random numbers (SplitMix64). Ids must not collide; they need not be secret.
#[inline]
fn next() -> u64 {
    let mut state = STATE.get();
    if state == 0 {
        state = seed();
    }
    state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cold]
fn seed() -> u64 {
    // The standard library's own random keys: the only entropy without a dependency.
    let thread = std::thread::current().id();
    RandomState::new().hash_one((thread, std::process::id())) | 1
}

/// A new span id; never zero, which W3C Trace Context calls invalid.
#[inline]
pub(crate) fn span() -> u64 {
    next().max(1)
}

/// A new trace id; never zero.
#[inline]
pub(crate) fn trace() -> u128 {
    (u128::from(next()) << 64) | u128::from(next().max(1))
}

/// Records this part (0 to 1) of the traces from now on.
pub(crate) fn set_sample_rate(rate: f64) {
    // Saturates: 1.0 is every trace.
    SAMPLED_BELOW.store((rate * u64::MAX as f64) as u64, Relaxed);
}

/// Whether a new trace is recorded. Decided by its id, so that every service of a trace decides alike.
#[inline]
pub(crate) fn is_sampled(trace: u128) -> bool {
    let below = SAMPLED_BELOW.load(Relaxed);
    below == u64::MAX || (trace as u64) < below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_draw_different_ids() {
        let draw = || (0..100).map(|_| span()).collect::<Vec<_>>();
        let mut all = draw();
        all.extend(std::thread::spawn(draw).join().expect("no panic"));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
