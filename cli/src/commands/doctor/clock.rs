//! This machine's clock, compared with the `Date` headers of answers.

use super::finding::Checks;
use super::http::Answer;
use jiff::fmt::rfc2822;
use std::time::SystemTime;

/// The maximum difference, in seconds: backends drop or misplace telemetry with a larger one.
const MOST: f64 = 60.0;

/// The differences of other clocks from this one, in seconds.
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
            return checks.skip("clock", "no answer had a date");
        };
        let way = if *ahead > 0.0 { "behind" } else { "ahead of" };
        let apart = ahead.abs();
        if apart > MOST {
            checks.fail(
                "clock",
                format!("this machine's clock is {apart:.0} s {way} that of {who}"),
                "set the clock (NTP: `timedatectl set-ntp true`): backends drop or misplace telemetry with wrong times",
            );
        } else {
            checks.ok(
                "clock",
                format!(
                    "within {:.0} s of {} other clock(s)",
                    apart.max(1.0),
                    self.0.len()
                ),
            );
        }
    }
}

/// Parses the date of an HTTP header: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<SystemTime> {
    // The day of the week is redundant, and some servers send a wrong one.
    let parser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let date = parser.parse_timestamp(text.trim()).ok()?;
    SystemTime::try_from(date).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_http_headers_are_parsed() {
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
