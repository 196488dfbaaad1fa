//! Rate limits: what Sentry says it does not take for now. The longest limit of a category holds, by a clock that is not
//! set back.

use crate::pipeline::transport::Response;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// After a 429 that says nothing else.
const DEFAULT: Duration = Duration::from_secs(60);
const ALL: &str = "";
/// Categories that we send, or might.
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

/// What is not to be sent until when.
#[derive(Debug, Default)]
pub(super) struct RateLimits(HashMap<String, Instant>);

impl RateLimits {
    /// Whether something of a category may be sent.
    pub(super) fn allows(&self, category: &str, now: Instant) -> bool {
        let over = |key: &str| self.0.get(key).is_none_or(|until| now >= *until);
        over(ALL) && over(category)
    }

    /// Takes what an answer says, whatever its status.
    pub(super) fn take(&mut self, answer: &Response, now: Instant) {
        if let Some(limits) = answer.header("x-sentry-rate-limits") {
            self.parse(limits, now);
        } else if answer.status == 429 {
            self.limit(ALL, answer.retry_after().unwrap_or(DEFAULT), now);
        }
    }

    /// `60:error;transaction:scope:reason, 5::organization`.
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
        let known = self.0.entry(category.to_owned()).or_insert(until);
        *known = until.max(*known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of error and transaction are allowed after so many seconds.
    fn after(limits: &str, seconds: f64) -> (bool, bool) {
        let now = Instant::now();
        let mut held = RateLimits::default();
        held.parse(limits, now);
        let then = now + Duration::from_secs_f64(seconds);
        (held.allows("error", then), held.allows("transaction", then))
    }

    #[test]
    fn c02_limits_are_read() {
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
    fn x05_the_longest_limit_holds() {
        assert_eq!(after("4:error, 1:error", 2.0), (false, true));
        assert_eq!(after("1:error, 4:error", 2.0), (false, true));
    }

    #[test]
    fn c05_a_limit_ends_on_time_whatever_the_wall_clock_is_set_to() {
        // A limit is kept as a time of the monotonic clock, which is all that is asked when something is to be sent.
        let now = Instant::now();
        let mut held = RateLimits::default();
        held.parse("3600:error", now);
        let kept: Vec<Instant> = held.0.values().copied().collect();
        assert_eq!(kept, [now + Duration::from_secs(3600)]);
        for (seconds, allowed) in [(0, false), (3599, false), (3600, true), (7200, true)] {
            let then = now + Duration::from_secs(seconds);
            assert_eq!(held.allows("error", then), allowed, "{seconds}");
        }
    }
}
