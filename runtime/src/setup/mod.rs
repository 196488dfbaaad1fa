//! Turns telemetry on: reads the settings, starts the backends and installs the subscriber.

mod backends;
mod config;
mod describe;
mod error;
mod features;
mod guard;
mod install;

pub use crate::base::builder::Builder;
pub use error::SetupError;
pub use guard::{ShutdownTimedOut, Telemetry};

/// Turns telemetry on, with settings from the environment.
///
/// If no variable is set, feature `logs` prints log events from level INFO, the trace tree of each finished request, and a
/// summary at the end; feature `live` serves the live view at `http://localhost:9463`. The other backends are on if their
/// feature is enabled and their variable is set: `SENTRY_DSN`, `DD_AGENT_HOST`, `PROMETHEUS_PORT`,
/// `OTEL_EXPORTER_OTLP_ENDPOINT`. [`Builder`] lists all variables.
///
/// Call it once, at the start of `main`, and keep the returned guard. Dropping the guard sends the remaining data for at
/// most two seconds; [`Telemetry::shutdown`] takes another timeout.
///
/// ```no_run
/// let telemetry = instrumental::init()?;
/// # Ok::<(), instrumental::SetupError>(())
/// ```
///
/// # Errors
/// If a setting is invalid, an address cannot be bound, telemetry is already on, or the application has installed a
/// `tracing` subscriber. The error lists all problems, and nothing is installed.
#[track_caller]
pub fn init() -> Result<Telemetry, SetupError> {
    builder().init()
}

/// Returns a builder for settings in code, which override those of the environment.
///
/// ```no_run
/// let telemetry = instrumental::builder().service("shop").sample_rate(0.1).init()?;
/// # Ok::<(), instrumental::SetupError>(())
/// ```
pub fn builder() -> Builder {
    Builder::default()
}
