//! Levels of reports.

/// The severity of a report, as Sentry defines levels.
///
/// ```
/// use instrumental::Level;
/// assert!(Level::Fatal > Level::Error);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For developers.
    Debug,
    /// Normal operation.
    Info,
    /// A problem that does not fail the operation.
    Warning,
    /// A failure.
    Error,
    /// A failure that threatens the service.
    Fatal,
}

impl Level {
    /// Returns the lower-case name, as in Sentry's protocol.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}
