//! Turns on what the settings ask for.

use super::config::{Builder, Config};
use super::error::SetupError;
use super::guard::Telemetry;
use super::{describe, sinks};
use crate::base::settings::{Fault, Faults};
use crate::base::sync::lock;
use crate::collect::dispatch::{self, pipeline};
use crate::collect::subscriber::Pipeline;
use crate::collect::trace::sampling;
use crate::model::site::Family;
use crate::ops::probe;
use crate::pipeline::{Shared, Sink};
use std::panic::Location;
use std::sync::{Arc, Mutex};

/// Where telemetry was turned on.
static INSTALLED: Mutex<Option<&'static Location<'static>>> = Mutex::new(None);

impl Builder {
    /// Turns telemetry on.
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
        Some(file) => probe::end(&file, &probed(turn_on(builder, location))),
        None => turn_on(builder, location),
    }
}

/// Sends test data by what was turned on.
fn probed(telemetry: Result<Telemetry, SetupError>) -> probe::Outcome {
    match telemetry {
        Err(error) => probe::Outcome::Refused(error.faults().collect()),
        Ok(telemetry) => probe::Outcome::Sent {
            trace: probe::send(),
            in_time: telemetry.shutdown_blocking(probe::DEADLINE).is_ok(),
        },
    }
}

fn turn_on(
    builder: Builder,
    location: &'static Location<'static>,
) -> Result<Telemetry, SetupError> {
    let mut faults = Faults::default();
    let config = Config::read(&builder, &mut faults);
    describe::if_asked(&builder, &config, &mut faults);
    let mut installed = lock(&INSTALLED);
    if let Some(first) = *installed {
        faults.0.push(Fault::Installed(first));
    } else if crate::collect::facade::spans::is_global_present() {
        faults.0.push(Fault::Subscriber);
    }
    let mut sinks = Vec::new();
    #[cfg(feature = "serve")]
    let servers = sinks::serve(&builder, &config, &mut sinks, &mut faults);
    sinks.extend(sinks::open(builder, &config, &mut faults));
    if !faults.0.is_empty() {
        return Err(SetupError::new(faults.0));
    }
    let shared = listen(sinks, &config)?;
    *installed = Some(location);
    #[cfg(feature = "serve")]
    for (what, url) in servers
        .iter()
        .flat_map(crate::pipeline::serve::Server::urls)
    {
        tracing::info!(target: "instrumental", "{what} at {url}");
    }
    Ok(Telemetry::new(
        shared,
        config.filter.clone(),
        #[cfg(feature = "serve")]
        servers,
    ))
}

/// Whatever is reported goes to these from now on.
fn listen(sinks: Vec<Box<dyn Sink>>, config: &Config) -> Result<Arc<Shared>, SetupError> {
    let level = if sinks.is_empty() {
        pipeline::METRICS
    } else {
        pipeline::SPANS
    };
    let shared = crate::pipeline::start(sinks)
        .map_err(|error| SetupError::new(vec![Fault::Thread(error)]))?;
    let filter = config.filter.clone();
    let subscriber = Pipeline::new(Box::new(move |metadata| {
        filter.would_enable(metadata.target(), metadata.level())
    }));
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        // Somebody was faster.
        shared.stop(std::time::Instant::now());
        return Err(SetupError::new(vec![Fault::Subscriber]));
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
    #[cfg(feature = "http")]
    config.propagation.clone().install();
    crate::collect::report::panics::listen();
    crate::collect::record_queue::open(true);
    dispatch::set_pipeline(level);
    Ok(shared)
}
