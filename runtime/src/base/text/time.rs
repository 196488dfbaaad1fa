//! Points in time and durations.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Writes a point in time as RFC 3339 in UTC, to the millisecond.
pub(crate) fn rfc3339(out: &mut String, time: SystemTime) {
    let millis = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    };
    let (seconds, millis) = (millis.div_euclid(1000), millis.rem_euclid(1000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    // Into a String: cannot fail.
    let _ = write!(
        out,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
    );
}

/// Year, month and day of a day since 1970 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Reads a date as HTTP spells it (RFC 9110, `IMF-fixdate`): `Wed, 21 Oct 2015 07:28:00 GMT`.
pub(crate) fn http_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, date) = text.split_once(", ")?;
    let mut parts = date.split_ascii_whitespace();
    let day: i64 = parts
        .next()?
        .parse()
        .ok()
        .filter(|day| (1..=31).contains(day))?;
    let name = parts.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as i64 + 1;
    let year: i64 = parts
        .next()?
        .parse()
        .ok()
        .filter(|year| (1970..=9999).contains(year))?;
    let mut clock = parts
        .next()?
        .splitn(3, ':')
        .map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    // Howard Hinnant's `days_from_civil`.
    let shifted = year - i64::from(month <= 2);
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// A duration for people, with two or three digits: `350ns`, `1.2ms`, `460ms`, `2.31s`.
pub(crate) fn duration(duration: Duration) -> String {
    let nanos = duration.as_nanos() as f64;
    for (size, unit) in [(1e3, "ns"), (1e6, "µs"), (1e9, "ms")] {
        let value = nanos / (size / 1e3);
        // What would be rounded to 1000 goes into the next unit.
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

/// The same for a number of seconds; not a finite, positive one: as it is.
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
    fn points_in_time() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_123, "2000-02-29T00:00:00.123Z"),
            (1_767_484_799_999, "2026-01-03T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            let mut out = String::new();
            rfc3339(&mut out, UNIX_EPOCH + Duration::from_millis(millis));
            assert_eq!(out, text);
        }
        let mut out = String::new();
        rfc3339(&mut out, UNIX_EPOCH - Duration::from_millis(1));
        assert_eq!(out, "1969-12-31T23:59:59.999Z");
    }

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
