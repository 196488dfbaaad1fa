//! What the host of a WebAssembly module without imports (`wasm32-unknown-unknown`) does not provide: a clock and processes.
//! The standard library panics there.

use std::time::SystemTime;

/// Whether there is a clock.
pub(crate) const HAS_CLOCK: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));

/// The time of day; without a clock, 1970.
pub(crate) fn time_of_day() -> SystemTime {
    if HAS_CLOCK {
        SystemTime::now()
    } else {
        SystemTime::UNIX_EPOCH
    }
}

/// The id of this process; zero where there are no processes.
pub(crate) fn process_id() -> u32 {
    if HAS_CLOCK { std::process::id() } else { 0 }
}
