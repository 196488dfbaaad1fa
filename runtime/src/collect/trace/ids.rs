//! Trace and span ids.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

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
    // The standard library's own random keys, which each thread has of its own: the only entropy without a dependency.
    // The thread itself is not asked for: that allocates, and a thread that is ending has none.
    let place = STATE.with(|state| std::ptr::from_ref(state) as usize);
    RandomState::new().hash_one((place, crate::base::host::process_id())) | 1
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
