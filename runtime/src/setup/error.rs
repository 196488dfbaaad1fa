//! The error of an invalid configuration.

use crate::base::settings::ConfigError;
use std::error::Error;
use std::fmt;

/// The error that [`init`](crate::init) returns if telemetry cannot be turned on. It lists every problem found; nothing
/// was installed.
///
/// ```
/// let error = instrumental::builder().sample_rate(2.0).init().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "telemetry was not turned on\n  sample_rate is \"2\", expected a number from 0 to 1",
/// );
/// ```
pub struct SetupError {
    errors: Vec<ConfigError>,
}

impl SetupError {
    pub(super) fn new(errors: Vec<ConfigError>) -> Self {
        Self { errors }
    }

    /// Returns the problems found, each as a sentence.
    ///
    /// ```
    /// let error = instrumental::builder().sample_rate(2.0).init().unwrap_err();
    /// assert_eq!(error.errors().count(), 1);
    /// ```
    pub fn errors(&self) -> impl Iterator<Item = String> + '_ {
        self.errors.iter().map(ToString::to_string)
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("telemetry was not turned on")?;
        for error in &self.errors {
            write!(f, "\n  {error}")?;
        }
        Ok(())
    }
}

// The same as `Display`: the standard library prints the `Debug` form of an error that `main` returns.
impl fmt::Debug for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for SetupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.errors.iter().find_map(|error| match error {
            ConfigError::Thread(error) => Some(error as &(dyn Error + 'static)),
            _ => None,
        })
    }
}
