//! The time-stamp counter. The only `unsafe` code of this crate.
//!
//! Reading the clock is three quarters of the cost of a timed call, and `Instant::now` takes 2.6 times as long as `rdtsc`.
//! The crate `quanta` is a safe wrapper, but adds four dependencies and 33 instructions per call.
#![allow(unsafe_code)]

use core::arch::x86_64::{__cpuid, _rdtsc};

/// CPUID leaf with the "invariant TSC" bit (AMD64 manual volume 2, 13.2.5; Intel SDM 18.17.1).
const POWER_MANAGEMENT: u32 = 0x8000_0007;
const INVARIANT_TSC: u32 = 1 << 8;

/// Returns the current value of the counter.
#[inline(always)]
pub(super) fn read() -> u64 {
    // SAFETY: RDTSC requires only that the CPU supports it, and every x86-64 CPU does. An operating system or sandbox that
    // disables it for user code (CR4.TSD, prctl PR_SET_TSC) makes it raise a signal, which ends the process rather than
    // corrupting it.
    unsafe { _rdtsc() }
}

/// Returns whether the counter ticks at the same rate in every power state and on all cores.
pub(super) fn is_invariant() -> bool {
    #[allow(unused_unsafe, reason = "`__cpuid` is safe in newer versions of Rust")]
    // SAFETY: every x86-64 CPU supports CPUID, and the leaf is read only if the CPU reports that it has it.
    unsafe {
        __cpuid(0x8000_0000).eax >= POWER_MANAGEMENT
            && __cpuid(POWER_MANAGEMENT).edx & INVARIANT_TSC != 0
    }
}
