//! Why a batch was not exported.

use std::fmt;
use std::time::Duration;

/// The longest delay before a retry that an exporter can ask for.
const MAX_DELAY: Duration = Duration::from_secs(60);

/// A batch that was not exported, or not all of it.
///
/// The message is kept as `last_failure` in [`health`](crate::health()) and in the log: it must hold no secret.
///
/// ```
/// use instrumental::export::ExportError;
/// use std::time::Duration;
///
/// fn answered(status: u16) -> Result<(), ExportError> {
///     match status {
///         200..=299 => Ok(()),
///         429 | 503 => Err(ExportError::retry("HTTP 503").after(Duration::from_secs(5))),
///         status => Err(ExportError::rejected(format!("HTTP {status}"))),
///     }
/// }
/// # assert!(answered(429).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportError {
    pub(super) kind: Kind,
    pub(super) message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// With the delay that the backend asked for.
    Retry(Option<Duration>),
    Rejected,
    PartlyRejected(u64),
}

impl ExportError {
    /// The backend cannot take the batch now. It is exported again after a pause, which doubles from 1 s to 30 s while the
    /// backend fails, for about five minutes; then it is dropped as `network_error`.
    pub fn retry(message: impl Into<String>) -> Self {
        Self::new(Kind::Retry(None), message)
    }

    /// The backend will never take the batch: it is dropped as `send_error`.
    pub fn rejected(message: impl Into<String>) -> Self {
        Self::new(Kind::Rejected, message)
    }

    /// The backend took the batch without this many items, which are dropped as `send_error`.
    pub fn partly_rejected(items: u64, message: impl Into<String>) -> Self {
        Self::new(Kind::PartlyRejected(items), message)
    }

    /// Sets the delay before a retry, if the backend asks for one; 60 s at most. Has no effect on a batch that is
    /// rejected.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        if let Kind::Retry(asked) = &mut self.kind {
            *asked = Some(delay.min(MAX_DELAY));
        }
        self
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message }
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ExportError {}

/// What fails while it is read or written is tried again. The message is the kind of the error, which names no address.
impl From<std::io::Error> for ExportError {
    fn from(error: std::io::Error) -> Self {
        Self::retry(error.kind().to_string())
    }
}
