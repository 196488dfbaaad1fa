//! Clocks: what the `Date` headers of answers say of this machine's.

use super::finding::Checks;
use super::http::Answer;
use std::time::{Duration, SystemTime};

/// More than this, and telemetry arrives out of its time.
const MOST: f64 = 60.0;

/// How far others' clocks are from this one.
#[derive(Default)]
pub(super) struct Clocks(Vec<(String, f64)>);

impl Clocks {
    pub(super) fn note(&mut self, who: &str, answer: &Answer) {
        let Some(date) = answer.header("date").and_then(http_date) else {
            return;
        };
        let ahead = match date.duration_since(answer.at) {
            Ok(ahead) => ahead.as_secs_f64(),
            Err(behind) => -behind.duration().as_secs_f64(),
        };
        self.0.push((who.to_owned(), ahead));
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        let Some((who, ahead)) = self.0.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
        else {
            return checks.skip("clock", "no answer said what time it is");
        };
        let way = if *ahead > 0.0 { "behind" } else { "ahead of" };
        let apart = ahead.abs();
        if apart > MOST {
            checks.fail(
                "clock",
                format!("this machine's clock is {apart:.0} s {way} the one of {who}"),
                "set the clock (NTP: `timedatectl set-ntp true`): backends drop or misplace what is out of its time",
            );
        } else {
            checks.ok(
                "clock",
                format!(
                    "within {:.0} s of the {} that told the time",
                    apart.max(1.0),
                    self.0.len()
                ),
            );
        }
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn http_date(text: &str) -> Option<SystemTime> {
    let (_, rest) = text.trim().split_once(", ")?;
    let mut parts = rest.split([' ', ':']);
    let mut next = || parts.next();
    let day: i64 = next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let month = next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let year: i64 = next()?
        .parse()
        .ok()
        .filter(|year| (1970..10_000).contains(year))?;
    let mut clock = || next()?.parse::<u64>().ok().filter(|n| *n < 61);
    let seconds = clock()? * 3600 + clock()? * 60 + clock()?;
    // Days of the civil calendar, of years that begin in March.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719_468;
    let days = u64::try_from(days).ok()?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let seconds = |text| {
            Some(
                http_date(text)?
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .ok()?
                    .as_secs(),
            )
        };
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(
            seconds("Thu, 29 Feb 2024 00:00:00 GMT"),
            Some(1_709_164_800)
        );
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        for wrong in [
            "",
            "now",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 99:49:37 GMT",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
