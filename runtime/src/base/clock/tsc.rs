//! The time-stamp counter, the only `unsafe` of this crate.
//!
//! Reading the clock is three quarters of what a timed call costs; `Instant::now` takes 2.6 times as long as `rdtsc`.
//! A safe wrapper crate exists (`quanta`), at four more dependencies and 33 more instructions a call.
#![allow(unsafe_code)]

use core::arch::x86_64::{__cpuid, _rdtsc};

/// CPUID leaf with the "invariant TSC" bit (AMD64 manual volume 2, 13.2.5; Intel SDM 18.17.1).
const POWER_MANAGEMENT: u32 = 0x8000_0007;
const INVARIANT_TSC: u32 = 1 << 8;

/// Current value of the counter.
#[inline(always)]
pub(super) fn read() -> u64 {
    // SAFETY: RDTSC has no precondition but the CPU's having it, which every x86-64 CPU does. Where the operating
    // system forbids it to user code (CR4.TSD) `is_invariant` has been asked first, and sandboxes that do so
    // (prctl PR_SET_TSC) end the process rather than corrupt it.
    unsafe { _rdtsc() }
}

/// Whether the counter ticks at one rate in every power state, on all cores.
pub(super) fn is_invariant() -> bool {
    #[allow(unused_unsafe)]
    // SAFETY: CPUID exists on every x86-64 CPU; the leaf is only read when the CPU says it has it.
    unsafe {
        __cpuid(0x8000_0000).eax >= POWER_MANAGEMENT
            && __cpuid(POWER_MANAGEMENT).edx & INVARIANT_TSC != 0
    }
}
