//! Turns on what the settings ask for.

use super::error::SetupError;
use super::guard::Telemetry;
use super::{backends, config, describe, features};
use crate::backend;
use crate::base::builder::Builder;
use crate::base::settings::{ConfigError, ConfigErrors};
use crate::base::sync::lock;
use crate::collect::dispatch::{self, pipeline};
use crate::collect::subscriber::Pipeline;
use crate::collect::trace::sampling;
use crate::model::site::Family;
use crate::ops::probe;
use crate::pipeline::processor::Processors;
use crate::pipeline::serve::Server;
use crate::pipeline::{Config, Consumer, Environment, Shared};
use std::panic::Location;
use std::sync::{Arc, Mutex};

/// Where telemetry was turned on.
static INSTALLED: Mutex<Option<&'static Location<'static>>> = Mutex::new(None);

impl Builder {
    /// Turns telemetry on.
    ///
    /// ```no_run
    /// let telemetry = instrumental::builder().service("shop").init()?;
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    ///
    /// # Errors
    /// See [`init`](crate::init).
    #[track_caller]
    pub fn init(self) -> Result<Telemetry, SetupError> {
        install(self, Location::caller())
    }
}

fn install(
    builder: Builder,
    location: &'static Location<'static>,
) -> Result<Telemetry, SetupError> {
    match probe::file() {
        Some(file) => probe::write_and_exit(&file, &probed(turn_on(builder, location))),
        None => turn_on(builder, location),
    }
}

/// Sends test data by what was turned on.
fn probed(telemetry: Result<Telemetry, SetupError>) -> probe::ProbeResult {
    match telemetry {
        Err(error) => probe::ProbeResult::InvalidSettings(error.faults().collect()),
        Ok(telemetry) => probe::ProbeResult::Sent {
            trace: probe::send(),
            in_time: telemetry.shutdown_blocking(probe::DEADLINE).is_ok(),
        },
    }
}

fn turn_on(
    builder: Builder,
    location: &'static Location<'static>,
) -> Result<Telemetry, SetupError> {
    let mut faults = ConfigErrors::default();
    let config = config::read(&builder, &mut faults);
    let propagation = features::Propagation::read(&builder.given, &mut faults);
    let environment = Environment {
        given: &builder.given,
        config: &config,
    };
    let backends = backend::configure(environment, &mut faults);
    let processors = Processors::take(&builder, &mut faults);
    describe::if_asked(&config, &backends, &faults);
    let mut installed = lock(&INSTALLED);
    if let Some(first) = *installed {
        faults.0.push(ConfigError::Installed(first));
    } else if crate::collect::facade::spans::is_global_present() {
        faults.0.push(ConfigError::Subscriber);
    }
    let running = backends::start(backends, &config, &mut faults);
    if !faults.0.is_empty() {
        return Err(SetupError::new(faults.0));
    }
    let shared = listen(running.consumers, processors, &config, propagation)?;
    *installed = Some(location);
    for (what, url) in running.servers.iter().flat_map(Server::urls) {
        tracing::info!(target: "instrumental", "{what} at {url}");
    }
    Ok(Telemetry::new(shared, config.filter, running.servers))
}

/// Whatever is reported goes to these from now on.
fn listen(
    consumers: Vec<Box<dyn Consumer>>,
    processors: Processors,
    config: &Config,
    propagation: features::Propagation,
) -> Result<Arc<Shared>, SetupError> {
    let level = if consumers.is_empty() && processors.is_empty() {
        pipeline::METRICS
    } else {
        pipeline::SPANS
    };
    let shared = crate::pipeline::start(consumers, processors)
        .map_err(|error| SetupError::new(vec![ConfigError::Thread(error)]))?;
    let filter = config.filter.clone();
    let subscriber = Pipeline::new(Box::new(move |metadata| {
        filter.would_enable(metadata.target(), metadata.level())
    }));
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        // Somebody was faster.
        shared.stop(std::time::Instant::now());
        return Err(SetupError::new(vec![ConfigError::Subscriber]));
    }
    let events = crate::collect::registry::events().map(|event| event.counter);
    let counted = crate::collect::registry::families().chain(events);
    counted.for_each(Family::begin);
    // The first reading calibrates the clock for a millisecond, and others wait for it: a process forked off meanwhile
    // would wait for ever.
    let _ = crate::base::clock::now();
    crate::base::fork::own();
    match probe::file() {
        Some(_) => sampling::set(&probe::sampling()),
        None => sampling::set(&config.sampling),
    }
    propagation.install();
    crate::collect::report::panics::listen();
    crate::collect::record_queue::open(true);
    dispatch::set_pipeline(level);
    Ok(shared)
}
