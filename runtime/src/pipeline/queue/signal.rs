//! The signals, and the reasons for drops.

/// A kind of telemetry. Each signal has its own share of an export queue, so that one cannot displace another.
///
/// ```
/// for backend in instrumental::health() {
///     for signal in backend.accounts.keys() {
///         println!("{} exports {}", backend.backend, signal.as_str());
///     }
/// }
/// ```
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
    /// The signals, in the order of their priority.
    pub(crate) const ALL: [Self; 4] = [Self::Errors, Self::Metrics, Self::Spans, Self::Logs];

    /// Returns the lower-case name.
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

/// Reasons why items were dropped.
pub(crate) mod why {
    /// The queue was full, so the oldest items were dropped.
    pub(crate) const QUEUE_FULL: &str = "queue_full";
    /// The item is larger than the backend accepts.
    pub(crate) const TOO_LARGE: &str = "too_large";
    /// The backend could not be reached within the retry limit.
    pub(crate) const NETWORK_ERROR: &str = "network_error";
    /// The backend refused the item.
    pub(crate) const SEND_ERROR: &str = "send_error";
    /// The backend's rate limit was exceeded.
    pub(crate) const RATE_LIMITED: &str = "rate_limited";
    /// Telemetry was turned off before the item was sent.
    pub(crate) const SHUTDOWN: &str = "shutdown";
    /// A bug in this crate.
    pub(crate) const INTERNAL: &str = "internal_error";
}
