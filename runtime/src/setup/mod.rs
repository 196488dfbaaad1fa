//! Turns telemetry on: the only place that knows every backend.

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

/// Turns telemetry on, with everything from the environment.
///
/// With nothing set, and feature `logs`: console logs at INFO, the trace tree of each finished request, and a summary at
/// the end; with `live`, the live view at `http://localhost:9463`. Each backend is on where its feature is and its
/// variable is set: `SENTRY_DSN`, `DD_AGENT_HOST`, `PROMETHEUS_PORT`, `OTEL_EXPORTER_OTLP_ENDPOINT`. All variables:
/// [`Builder`].
///
/// Call it once, first thing in `main`, and keep what it gives: dropping that hands over what is left, within two seconds;
/// [`Telemetry::shutdown`] takes as long as one says.
///
/// ```no_run
/// let telemetry = instrumental::init()?;
/// # Ok::<(), instrumental::SetupError>(())
/// ```
///
/// # Errors
/// A wrong value, telemetry that is already on, or a `tracing` subscriber that the application installed itself. All
/// faults are in one error, and nothing is left half installed.
#[track_caller]
pub fn init() -> Result<Telemetry, SetupError> {
    builder().init()
}

/// Turns telemetry on with settings of the program's own, which override the environment's.
///
/// ```no_run
/// let telemetry = instrumental::builder().service("shop").sample_rate(0.1).init()?;
/// # Ok::<(), instrumental::SetupError>(())
/// ```
pub fn builder() -> Builder {
    Builder::default()
}
