//! The limit on the trees that are shown, so that a busy service does not flood its console.

use std::time::{Duration, Instant};

/// Trees that are shown in a window.
pub(super) const ORDINARY: u32 = 5;
/// Trees of failed or slow requests that are shown in a window.
const NOTABLE: u32 = 20;
/// The length of a window.
pub(super) const WINDOW: Duration = Duration::from_secs(1);

/// Counts of the trees that were shown and hidden in the current window.
#[derive(Default)]
pub(super) struct Shown {
    since: Option<Instant>,
    ordinary: u32,
    notable: u32,
    hidden: u64,
    hidden_notable: u64,
}

impl Shown {
    /// Starts a new window if the current one is over, and returns the notice about the trees that it hid.
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

    /// Returns the notice about hidden trees, if there are any, and resets their counts.
    pub(super) fn hidden(&mut self) -> Option<String> {
        let (hidden, failed) = (self.hidden, self.hidden_notable);
        (self.hidden, self.hidden_notable) = (0, 0);
        let failed = match failed {
            0 => String::new(),
            n => format!(" ({n} failed or slow)"),
        };
        (hidden > 0).then(|| format!("… {hidden} more requests finished{failed}, see the summary"))
    }

    /// Returns whether a tree may be shown, and counts it.
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
