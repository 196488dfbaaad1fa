//! What is wrong with a configuration.

use crate::base::settings::ConfigError;
use std::error::Error;
use std::fmt;

/// Telemetry could not be turned on. Says everything that is wrong; nothing was installed.
pub struct SetupError {
    faults: Vec<ConfigError>,
}

impl SetupError {
    pub(super) fn new(faults: Vec<ConfigError>) -> Self {
        Self { faults }
    }

    /// What is wrong, fault by fault.
    pub fn faults(&self) -> impl Iterator<Item = String> + '_ {
        self.faults.iter().map(ToString::to_string)
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("telemetry was not turned on")?;
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

// As it is shown where `main` returns it: for people.
impl fmt::Debug for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for SetupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.faults.iter().find_map(|fault| match fault {
            ConfigError::Thread(error) => Some(error as &(dyn Error + 'static)),
            _ => None,
        })
    }
}
