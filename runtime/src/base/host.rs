//! Features that the host of a WebAssembly module without imports (`wasm32-unknown-unknown`) lacks: a clock and processes.
//! The standard library panics on that target.

use std::time::SystemTime;

/// Whether the target has a clock.
pub(crate) const HAS_CLOCK: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));

/// Returns the time of day; without a clock, 1970.
pub(crate) fn time_of_day() -> SystemTime {
    if HAS_CLOCK {
        SystemTime::now()
    } else {
        SystemTime::UNIX_EPOCH
    }
}

/// Returns the id of this process; zero on targets without processes.
pub(crate) fn process_id() -> u32 {
    if HAS_CLOCK { std::process::id() } else { 0 }
}
