//! How many trees are shown, so that a busy service does not flood its console.

use std::time::{Duration, Instant};

/// Trees shown in a second.
pub(super) const ORDINARY: u32 = 5;
/// Trees of failed or slow requests shown in a second.
const NOTABLE: u32 = 20;
pub(super) const WINDOW: Duration = Duration::from_secs(1);

/// What was shown in this second.
#[derive(Default)]
pub(super) struct Shown {
    since: Option<Instant>,
    ordinary: u32,
    notable: u32,
    hidden: u64,
    hidden_notable: u64,
}

impl Shown {
    /// Begins a new second when one is over; says then what was not shown.
    pub(super) fn next(&mut self, now: Instant, last: bool) -> Option<String> {
        let since = *self.since.get_or_insert(now);
        if !last && now.saturating_duration_since(since) < WINDOW {
            return None;
        }
        let hidden = self.hidden();
        *self = Self {
            since: Some(now),
            ..Self::default()
        };
        hidden
    }

    /// Says what was not shown.
    pub(super) fn hidden(&mut self) -> Option<String> {
        let (hidden, failed) = (self.hidden, self.hidden_notable);
        (self.hidden, self.hidden_notable) = (0, 0);
        let failed = match failed {
            0 => String::new(),
            n => format!(" ({n} failed or slow)"),
        };
        (hidden > 0).then(|| format!("… {hidden} more requests finished{failed}, see the summary"))
    }

    /// Whether a tree is shown.
    pub(super) fn admit(&mut self, notable: bool) -> bool {
        let (shown, limit) = if notable {
            (&mut self.notable, NOTABLE)
        } else {
            (&mut self.ordinary, ORDINARY)
        };
        if *shown < limit {
            *shown += 1;
            return true;
        }
        self.hidden += 1;
        self.hidden_notable += u64::from(notable);
        false
    }
}
