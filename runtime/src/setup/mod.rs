//! Turning telemetry on. The only place that knows all rooms.

mod config;
mod error;
mod guard;

pub(crate) use config::Config;
pub use config::{Builder, LogFormat};
pub use error::SetupError;
pub use guard::{ShutdownTimedOut, Telemetry};

use crate::mode::{self, pipeline};
use crate::per_thread::lock;
use crate::pipeline::Sink;
use crate::subscriber::Pipeline;
use crate::trace::ids;
use error::Fault;
use std::panic::Location;
use std::sync::Mutex;

/// Where telemetry was turned on.
static INSTALLED: Mutex<Option<&'static Location<'static>>> = Mutex::new(None);

/// Turns telemetry on, with everything from the environment.
///
/// With nothing set: console logs at INFO, the trace tree of each finished request, and a summary at the end.
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

fn install(
    builder: Builder,
    location: &'static Location<'static>,
) -> Result<Telemetry, SetupError> {
    let mut faults = Vec::new();
    let config = Config::read(builder, &mut faults);
    let mut installed = lock(&INSTALLED);
    if let Some(first) = *installed {
        faults.push(Fault::Installed(first));
    } else if crate::facade::spans::is_global_present() {
        faults.push(Fault::Subscriber);
    }
    let (Some(config), true) = (config, faults.is_empty()) else {
        return Err(SetupError::new(faults));
    };
    let filter = config.filter.clone();
    let subscriber = Pipeline::new(Box::new(move |metadata| {
        filter.would_enable(metadata.target(), metadata.level())
    }));
    let sinks = sinks(&config);
    let level = if sinks.is_empty() {
        pipeline::METRICS
    } else {
        pipeline::SPANS
    };
    let shared = crate::pipeline::start(sinks)
        .map_err(|error| SetupError::new(vec![Fault::Thread(error)]))?;
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        // Somebody was faster.
        shared.stop(std::time::Instant::now());
        return Err(SetupError::new(vec![Fault::Subscriber]));
    }
    *installed = Some(location);
    ids::set_sample_rate(config.sample_rate);
    crate::tap::open(true);
    mode::set_pipeline(level);
    Ok(Telemetry::new(shared))
}

fn sinks(config: &Config) -> Vec<Box<dyn Sink>> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    #[cfg(feature = "logs")]
    sinks.push(Box::new(crate::backend::logs::Logs::new(config)));
    let _ = (config, &mut sinks);
    sinks
}
