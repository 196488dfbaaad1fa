//! The backends that the settings ask for.

use super::config::{Builder, Config};
#[cfg(feature = "otlp")]
use crate::backend::otlp::OtlpSink;
use crate::base::settings::Faults;
#[cfg(feature = "live")]
use crate::model::log_format::LogFormat;
use crate::pipeline::Sink;

/// Starts the pages of the process, where there are any. An address that is not to be had is a fault.
#[cfg(feature = "serve")]
pub(super) fn serve(
    builder: &Builder,
    config: &Config,
    sinks: &mut Vec<Box<dyn Sink>>,
    faults: &mut Faults,
) -> Vec<crate::pipeline::serve::Server> {
    #[allow(unused_mut)]
    let mut servers = Vec::new();
    #[cfg(feature = "prometheus")]
    {
        use crate::backend::prometheus;
        let addresses = prometheus::addresses(builder.prometheus, faults);
        let mut pages = vec![prometheus::page(&config.identity)];
        // What others may reach shows numbers alone.
        if addresses.iter().all(|address| address.ip().is_loopback()) {
            pages.extend(profiles());
        }
        let places: Vec<_> = addresses.into_iter().map(|address| vec![address]).collect();
        servers.extend(start("PROMETHEUS_PORT", &places, pages, faults));
    }
    #[cfg(feature = "live")]
    {
        use crate::backend::live;
        let place = live::addresses(config.format == LogFormat::Pretty, faults);
        if !place.is_empty() {
            let (sink, mut pages) = live::open(&config.identity);
            sinks.push(Box::new(sink));
            pages.extend(profiles());
            servers.extend(start("INSTRUMENTAL_LIVE", &place, pages, faults));
        }
    }
    // Without features there is nothing to serve.
    let _ = (builder, config, sinks, faults, profiles, start);
    servers
}

#[cfg(feature = "serve")]
fn profiles() -> Vec<crate::pipeline::serve::Page> {
    #[cfg(all(feature = "profiling", unix))]
    return crate::backend::profiling::pages();
    #[cfg(not(all(feature = "profiling", unix)))]
    Vec::new()
}

#[cfg(feature = "serve")]
fn start(
    setting: &str,
    places: &[crate::pipeline::serve::Candidates],
    pages: Vec<crate::pipeline::serve::Page>,
    faults: &mut Faults,
) -> Option<crate::pipeline::serve::Server> {
    // A probe runs beside the program, which has the address; and nobody asks it for pages.
    let is_probe = crate::ops::probe::file().is_some();
    if places.is_empty() || !faults.0.is_empty() || is_probe {
        return None;
    }
    match crate::pipeline::serve::Server::start(places, pages) {
        Ok(server) => Some(server),
        Err(error) => {
            let places = places.iter().flatten().map(ToString::to_string);
            let places = places.collect::<Vec<_>>().join(", ");
            faults.part(format!(
                "no pages can be served at {places}: {error}; set another {setting}"
            ));
            None
        }
    }
}

/// Opens every backend that is turned on. One that cannot be is a fault.
pub(super) fn open(builder: Builder, config: &Config, faults: &mut Faults) -> Vec<Box<dyn Sink>> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    #[cfg(feature = "logs")]
    {
        use crate::backend::logs::{Logs, files, tcp};
        let (folder, peer) = (
            files::read(builder.log_dir.as_deref(), &config.logs(), faults),
            tcp::read(faults),
        );
        add(&mut sinks, faults, "the log", || {
            Logs::start(config.logs(), folder, peer)
        });
    }
    #[cfg(feature = "otlp")]
    if let Some(otlp) = crate::backend::otlp::read(builder.otlp.as_ref(), faults) {
        add(&mut sinks, faults, "OTLP", || {
            OtlpSink::start(otlp, &config.identity)
        });
    }
    #[cfg(feature = "datadog")]
    {
        use crate::backend::datadog::{DatadogSink, read};
        let (given, sampling) = (builder.datadog.as_ref(), &config.sampling);
        let rate = sampling.is_given.then_some(sampling.rate);
        if let Some(datadog) = read(given, rate, faults) {
            let start = || DatadogSink::start(&datadog, &config.identity);
            add(&mut sinks, faults, "Datadog", start);
        }
    }
    #[cfg(feature = "sentry")]
    {
        use crate::backend::sentry::{SentrySink, read};
        let (given, rate) = (builder.sentry.as_ref(), config.sampling.rate);
        if let Some(sentry) = read(given, &config.identity, rate, faults) {
            #[cfg(feature = "http")]
            crate::http::propagation::set_sentry(sentry.organization());
            add(&mut sinks, faults, "Sentry", || SentrySink::start(sentry));
        }
    }
    // Without features there is nothing to open.
    let _ = (builder, config, faults, &mut sinks);
    sinks
}

/// Adds a backend, or notes why it does not start. None is started where the settings are wrong already.
#[allow(unused)]
fn add<S: Sink + 'static>(
    sinks: &mut Vec<Box<dyn Sink>>,
    faults: &mut Faults,
    name: &str,
    start: impl FnOnce() -> std::io::Result<S>,
) {
    if !faults.0.is_empty() {
        return;
    }
    match start() {
        Ok(sink) => sinks.push(Box::new(sink)),
        Err(error) => faults.part(format!("{name} does not start: {error}")),
    }
}
