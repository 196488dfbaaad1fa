//! A monotonic clock in ticks, read twice per call. Ticks are converted to seconds only when a value is stored or shown.

#[cfg(target_arch = "x86_64")]
mod tsc;

use crate::base::host;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

const UNKNOWN: u8 = 0;
const TSC: u8 = 1;
const INSTANT: u8 = 2;

/// How long the counter is compared with `Instant` at first use. The error of the rate is the error of two `Instant` reads
/// (about 50 ns each) divided by this time: 0.01%.
#[cfg(target_arch = "x86_64")]
const CALIBRATION: Duration = Duration::from_millis(1);

static SOURCE: AtomicU8 = AtomicU8::new(UNKNOWN);
/// Seconds per tick, as the bits of an `f64`. One nanosecond until calibrated.
static RATE: AtomicU64 = AtomicU64::new(0x3e11_2e0b_e826_d695);
static ORIGIN: OnceLock<(u64, Instant)> = OnceLock::new();

/// Returns the current tick. Monotonic on one thread, and comparable between threads.
#[inline(always)]
pub(crate) fn now() -> u64 {
    #[cfg(target_arch = "x86_64")]
    if SOURCE.load(Relaxed) == TSC {
        return tsc::read();
    }
    slow_now()
}

/// Returns whether [`now`] only reads a register, so that [`fast_now`] may replace it.
#[inline(always)]
pub(crate) fn is_fast() -> bool {
    SOURCE.load(Relaxed) == TSC
}

/// Returns the current tick. Valid only if [`is_fast`]: it never calls another function, so the caller saves no registers.
#[inline(always)]
pub(crate) fn fast_now() -> u64 {
    #[cfg(target_arch = "x86_64")]
    return tsc::read();
    #[cfg(not(target_arch = "x86_64"))]
    now()
}

#[cold]
#[inline(never)]
fn slow_now() -> u64 {
    if !host::HAS_CLOCK {
        return 0;
    }
    let (_, origin) = *ORIGIN.get_or_init(start);
    #[cfg(target_arch = "x86_64")]
    if SOURCE.load(Relaxed) == TSC {
        return tsc::read();
    }
    u64::try_from(origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn start() -> (u64, Instant) {
    #[cfg(target_arch = "x86_64")]
    if tsc::is_invariant() {
        let (ticks, instant) = read_both();
        while instant.elapsed() < CALIBRATION {
            std::hint::spin_loop();
        }
        set_rate(ticks, instant);
        SOURCE.store(TSC, Relaxed);
        return (ticks, instant);
    }
    SOURCE.store(INSTANT, Relaxed);
    (0, Instant::now())
}

#[cfg(target_arch = "x86_64")]
fn set_rate(ticks: u64, since: Instant) {
    let (now, instant) = read_both();
    let ticks = now.saturating_sub(ticks).max(1);
    let elapsed = instant.saturating_duration_since(since);
    RATE.store((elapsed.as_secs_f64() / ticks as f64).to_bits(), Relaxed);
}

/// Reads both clocks at the same time. A thread may be preempted between two reads, so the closest of several pairs is used.
#[cfg(target_arch = "x86_64")]
fn read_both() -> (u64, Instant) {
    const TRIES: usize = 8;
    let pair = || {
        let (before, instant, after) = (tsc::read(), Instant::now(), tsc::read());
        let apart = after.saturating_sub(before);
        (apart, before + apart / 2, instant)
    };
    let (_, ticks, instant) = (1..TRIES).fold(pair(), |best, _| {
        let next = pair();
        if next.0 < best.0 { next } else { best }
    });
    (ticks, instant)
}

/// Refines the rate, which becomes more accurate the longer the process runs. Called by the background thread.
pub(crate) fn recalibrate() {
    #[cfg(target_arch = "x86_64")]
    if let (TSC, Some((ticks, instant))) = (SOURCE.load(Relaxed), ORIGIN.get()) {
        set_rate(*ticks, *instant);
    }
}

/// Returns the seconds from `start` to `end`; zero if the clock went backwards between two cores.
#[inline(always)]
pub(crate) fn seconds(start: u64, end: u64) -> f64 {
    // The conversion from `i64` is one instruction on x86-64; from `u64` it takes six.
    let ticks = end.wrapping_sub(start) as i64;
    (ticks.max(0) as f64) * f64::from_bits(RATE.load(Relaxed))
}

/// Returns the time from `start` to `end`; zero if the clock went backwards.
pub(crate) fn duration(start: u64, end: u64) -> Duration {
    Duration::try_from_secs_f64(seconds(start, end)).unwrap_or_default()
}

/// Returns the wall-clock time of a tick. Computed relative to the present, so that a step of the wall clock does not change
/// durations.
pub(crate) fn wall(ticks: u64) -> SystemTime {
    let now = now();
    host::time_of_day() - duration(ticks, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_agree_with_instant() {
        let (ticks, instant) = (now(), Instant::now());
        std::thread::sleep(Duration::from_millis(20));
        let (seen, real) = (seconds(ticks, now()), instant.elapsed().as_secs_f64());
        assert!((seen / real - 1.0).abs() < 0.05, "{seen} and {real}");
    }

    #[test]
    fn backwards_is_zero() {
        assert_eq!(seconds(10, 3), 0.0);
    }

    #[test]
    fn r19_a_step_of_the_wall_clock_moves_no_duration() {
        let begin = now();
        std::thread::sleep(Duration::from_millis(5));
        let end = now();
        // Durations are computed from ticks alone, and only the present time is read from the wall clock. So two times of
        // one process are as far apart as their ticks, even if the wall clock was changed in between.
        let apart = wall(end).duration_since(wall(begin)).unwrap_or_default();
        let measured = duration(begin, end);
        assert!(measured >= Duration::from_millis(5) && duration(end, begin).is_zero());
        assert!(
            apart.abs_diff(measured) < Duration::from_millis(50),
            "{apart:?} and {measured:?}"
        );
    }
}
