//! What is wrong with a configuration.

use std::error::Error;
use std::fmt;
use std::panic::Location;

/// One fault.
#[derive(Debug)]
pub(super) enum Fault {
    /// A value that cannot be read. Where it comes from, what it is, what it should be.
    Value {
        name: &'static str,
        value: String,
        expected: &'static str,
    },
    /// Telemetry is on already.
    Installed(&'static Location<'static>),
    /// The application has a subscriber of its own.
    Subscriber,
    /// No thread.
    Thread(std::io::Error),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { name, value, expected } => {
                write!(f, "{name} is {value:?}, expected {expected}")
            }
            Self::Installed(first) => write!(f, "telemetry is already on, since {first}"),
            Self::Subscriber => f.write_str(
                "a `tracing` subscriber is already installed: either leave it to `init()`, or do not call `init()` and \
                 annotated calls will feed that subscriber",
            ),
            Self::Thread(error) => write!(f, "the background thread does not start: {error}"),
        }
    }
}

/// Telemetry could not be turned on. Says everything that is wrong; nothing was installed.
#[derive(Debug)]
pub struct SetupError {
    faults: Vec<Fault>,
}

impl SetupError {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
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

impl Error for SetupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.faults.iter().find_map(|fault| match fault {
            Fault::Thread(error) => Some(error as &(dyn Error + 'static)),
            _ => None,
        })
    }
}
