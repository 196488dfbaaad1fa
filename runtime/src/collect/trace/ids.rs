//! Generation of trace and span ids.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// Returns the next random number of this thread (SplitMix64). Ids must not collide, but need not be unpredictable.
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
    // The standard library's hash keys, which are the only entropy available without a dependency. The address makes
    // threads differ; `thread::current` would allocate, and is unavailable on a thread that is ending.
    let place = STATE.with(|state| std::ptr::from_ref(state) as usize);
    RandomState::new().hash_one((place, crate::base::host::process_id())) | 1
}

/// Returns a new span id, which is not zero: W3C Trace Context defines zero as invalid.
#[inline]
pub(crate) fn span() -> u64 {
    next().max(1)
}

/// Returns a new trace id, which is not zero.
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
