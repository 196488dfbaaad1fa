//! Formatting and parsing of dates and times, with jiff. (`time` formats durations.)

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::{rfc2822, temporal};
use jiff::tz::TimeZone;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) use jiff::civil::Date;

/// With milliseconds, the precision that log pipelines store.
static RFC_3339: temporal::DateTimePrinter = temporal::DateTimePrinter::new().precision(Some(3));

/// Writes a time as RFC 3339 in UTC, with milliseconds.
pub(crate) fn rfc3339(out: &mut String, time: SystemTime) {
    // Into a String: cannot fail.
    let _ = RFC_3339.print_timestamp(&timestamp(time), out);
}

/// Returns the day of a time in UTC: `2026-11-23`.
pub(crate) fn day(time: SystemTime) -> Date {
    TimeZone::UTC.to_datetime(timestamp(time)).date()
}

/// Converts a time. Times outside jiff's range, the years -9999 to 9999, are clamped to it, so that a clock that is far off
/// never costs a log line.
fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or_else(|_| {
        if time < UNIX_EPOCH {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        }
    })
}

/// The obsolete date formats of RFC 850 and `asctime()`, which a recipient must accept as well (RFC 9110, 5.6.7).
const OBSOLETE: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// Parses an HTTP date (RFC 9110, 5.6.7): `Wed, 21 Oct 2015 07:28:00 GMT`. The day of the week is not checked.
pub(crate) fn http_date(text: &str) -> Option<SystemTime> {
    static IMF_FIXDATE: rfc2822::DateTimeParser =
        rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let text = text.trim();
    let obsolete = || {
        let mut dates = OBSOLETE.iter();
        let date = dates.find_map(|format| DateTime::strptime(format, text).ok())?;
        TimeZone::UTC.to_timestamp(date).ok()
    };
    let timestamp = IMF_FIXDATE.parse_timestamp(text).ok().or_else(obsolete)?;
    SystemTime::try_from(timestamp).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn rfc3339(time: SystemTime) -> String {
        let mut out = String::new();
        super::rfc3339(&mut out, time);
        out
    }

    #[test]
    fn points_in_time() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_123, "2000-02-29T00:00:00.123Z"),
            (1_767_484_799_999, "2026-01-03T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_millis(millis);
            assert_eq!(rfc3339(time), text);
            assert_eq!(day(time).to_string(), text[..10]);
        }
        let before = UNIX_EPOCH - Duration::from_millis(1);
        assert_eq!(rfc3339(before), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn clocks_that_are_far_off() {
        let far = Duration::from_secs(1 << 40);
        assert!(rfc3339(UNIX_EPOCH + far).starts_with("9999-12-"));
        assert!(rfc3339(UNIX_EPOCH - far).starts_with("-009999-01-"));
        assert_eq!(day(UNIX_EPOCH + far).year(), 9999);
    }

    #[test]
    fn c02_dates_of_http_in_all_their_formats() {
        let expected = UNIX_EPOCH + Duration::from_secs(784_111_777);
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            " Sun, 06 Nov 1994 08:49:37 GMT ",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(http_date(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "soon",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sun, 06 Nov 199999 08:49:37 GMT",
            "1994-11-06T08:49:37Z",
        ] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }
}
