//! Rate limits that Sentry imposes (Sentry SDK documentation, "Rate Limiting"). If several apply to a category, the one
//! that expires last wins. Expiry uses the monotonic clock, so that setting the wall clock has no effect.

use crate::pipeline::transport::Answer;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The limit after a 429 response that does not state one.
const DEFAULT: Duration = Duration::from_secs(60);
/// The key of limits that apply to all categories.
const ALL: &str = "";
/// Categories of which limits are recorded: those that an SDK may send. Others are ignored, as the specification
/// requires, so that the map stays small.
const KNOWN: [&str; 16] = [
    "default",
    "error",
    "transaction",
    "monitor",
    "span",
    "log_item",
    "log_byte",
    "attachment",
    "session",
    "profile",
    "profile_chunk",
    "replay",
    "feedback",
    "trace_metric",
    "trace_metric_byte",
    "internal",
];

/// Rate-limited categories and when each limit expires.
#[derive(Debug, Default)]
pub(super) struct RateLimits(HashMap<String, Instant>);

impl RateLimits {
    /// Returns whether items of a category may be sent.
    pub(super) fn allows(&self, category: &str, now: Instant) -> bool {
        let is_expired = |key: &str| self.0.get(key).is_none_or(|until| now >= *until);
        is_expired(ALL) && is_expired(category)
    }

    /// Adds the limits of a response. Successful responses may contain them, too.
    pub(super) fn update(&mut self, answer: &Answer, now: Instant) {
        if let Some(limits) = answer.header("x-sentry-rate-limits") {
            self.parse(limits, now);
        } else if answer.status == 429 {
            self.limit(ALL, answer.retry_after().unwrap_or(DEFAULT), now);
        }
    }

    /// Parses `X-Sentry-Rate-Limits`, for example `60:error;transaction:scope:reason, 5::organization`.
    fn parse(&mut self, limits: &str, now: Instant) {
        for limit in limits.split(',') {
            let mut parts = limit.trim().split(':');
            let seconds = parts
                .next()
                .and_then(|seconds| seconds.trim().parse::<f64>().ok());
            let Some(after) = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            else {
                continue;
            };
            let categories = parts.next().unwrap_or_default().trim();
            if categories.is_empty() {
                self.limit(ALL, after, now);
                continue;
            }
            for category in categories.split(';').map(str::trim) {
                if KNOWN.contains(&category) {
                    self.limit(category, after, now);
                }
            }
        }
    }

    fn limit(&mut self, category: &str, after: Duration, now: Instant) {
        let until = now + after;
        let current = self.0.entry(category.to_owned()).or_insert(until);
        *current = until.max(*current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns whether errors and transactions are allowed `seconds` after the header is received.
    fn after(limits: &str, seconds: f64) -> (bool, bool) {
        let now = Instant::now();
        let mut rates = RateLimits::default();
        rates.parse(limits, now);
        let then = now + Duration::from_secs_f64(seconds);
        (
            rates.allows("error", then),
            rates.allows("transaction", then),
        )
    }

    #[test]
    fn c02_rate_limit_headers_are_parsed() {
        for (limits, seconds, expected) in [
            ("60:error:organization", 59.0, (false, true)),
            ("60:error:organization", 60.0, (true, true)),
            ("60::organization", 1.0, (false, false)),
            ("60", 1.0, (false, false)),
            ("1.5:transaction", 1.4, (true, false)),
            (" 60 : error ; transaction : x : y : z", 1.0, (false, false)),
            ("60:unknown;also_unknown:organization", 1.0, (true, true)),
            ("60:unknown;error:organization", 1.0, (false, true)),
            ("soon:error", 1.0, (true, true)),
            ("60:error, 60:transaction", 1.0, (false, false)),
        ] {
            assert_eq!(after(limits, seconds), expected, "{limits}");
        }
    }

    #[test]
    fn x05_the_limit_that_expires_last_wins() {
        assert_eq!(after("4:error, 1:error", 2.0), (false, true));
        assert_eq!(after("1:error, 4:error", 2.0), (false, true));
    }

    #[test]
    fn c05_a_limit_expires_independently_of_the_wall_clock() {
        // Limits are stored as monotonic times, and `allows` compares them with nothing else.
        let now = Instant::now();
        let mut rates = RateLimits::default();
        rates.parse("3600:error", now);
        let stored: Vec<Instant> = rates.0.values().copied().collect();
        assert_eq!(stored, [now + Duration::from_secs(3600)]);
        for (seconds, allowed) in [(0, false), (3599, false), (3600, true), (7200, true)] {
            let then = now + Duration::from_secs(seconds);
            assert_eq!(rates.allows("error", then), allowed, "{seconds}");
        }
    }
}
