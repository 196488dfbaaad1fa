//! What kinds of things are sent, and why some were not.

/// Kinds of what is sent. Each has a queue of its own, so that none crowds out another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Signal {
    /// Errors, messages and panics.
    Errors,
    /// Metrics.
    Metrics,
    /// Spans.
    Spans,
    /// Log lines.
    Logs,
}

impl Signal {
    /// In the order they are sent.
    pub(crate) const ALL: [Self; 4] = [Self::Errors, Self::Metrics, Self::Spans, Self::Logs];

    /// Lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Metrics => "metrics",
            Self::Spans => "spans",
            Self::Logs => "logs",
        }
    }
}

/// Why items did not reach a backend.
pub(crate) mod why {
    /// The queue had no room: the oldest were given up.
    pub(crate) const QUEUE_FULL: &str = "queue_full";
    /// Larger than the backend takes.
    pub(crate) const TOO_LARGE: &str = "too_large";
    /// The backend was not to be reached for too long.
    pub(crate) const NETWORK_ERROR: &str = "network_error";
    /// The backend said no.
    pub(crate) const SEND_ERROR: &str = "send_error";
    /// The backend asked to be left alone.
    pub(crate) const RATE_LIMITED: &str = "rate_limited";
    /// Telemetry was turned off before they were sent.
    pub(crate) const SHUTDOWN: &str = "shutdown";
    /// A fault of our own.
    pub(crate) const INTERNAL: &str = "internal_error";
}
