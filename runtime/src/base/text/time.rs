//! Formatting of durations.

use std::time::Duration;

/// Formats a duration with two or three digits: `350ns`, `1.2ms`, `460ms`, `2.31s`.
pub(crate) fn duration(duration: Duration) -> String {
    let nanos = duration.as_nanos() as f64;
    for (size, unit) in [(1e3, "ns"), (1e6, "µs"), (1e9, "ms")] {
        let value = nanos / (size / 1e3);
        // A value that would be rounded to 1000 is written in the next unit.
        if value < 9.95 && unit != "ns" {
            return format!("{value:.1}{unit}");
        }
        if value < 999.5 {
            return format!("{value:.0}{unit}");
        }
    }
    match nanos / 1e9 {
        seconds if seconds < 9.995 => format!("{seconds:.2}s"),
        seconds if seconds < 99.95 => format!("{seconds:.1}s"),
        seconds => format!("{seconds:.0}s"),
    }
}

/// Formats a number of seconds like [`duration`]. A negative or non-finite number is written unchanged.
pub(crate) fn seconds(seconds: f64) -> String {
    match Duration::try_from_secs_f64(seconds) {
        Ok(exact) => duration(exact),
        Err(_) => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (nanos, text) in [
            (0, "0ns"),
            (350, "350ns"),
            (999, "999ns"),
            (1_200, "1.2µs"),
            (9_960, "10µs"),
            (999_600, "1.0ms"),
            (460_000_000, "460ms"),
            (999_700_000, "1.00s"),
            (2_314_000_000, "2.31s"),
            (62_000_000_000, "62.0s"),
            (620_000_000_000, "620s"),
        ] {
            assert_eq!(duration(Duration::from_nanos(nanos)), text);
        }
        assert_eq!(seconds(0.012), "12ms");
        assert_eq!(seconds(f64::NAN), "NaNs");
    }
}
