//! The backends that the settings ask for.

use super::{Builder, Config};
#[cfg(feature = "otlp")]
use crate::backend::otlp::OtlpSink;
use crate::pipeline::Sink;
use crate::settings::Faults;

/// Opens every backend that is turned on. One that cannot be is a fault.
pub(super) fn open(builder: Builder, config: &Config, faults: &mut Faults) -> Vec<Box<dyn Sink>> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    #[cfg(feature = "logs")]
    sinks.push(Box::new(crate::backend::logs::Logs::new(config)));
    #[cfg(feature = "otlp")]
    if let Some(otlp) = crate::backend::otlp::read(builder.otlp.as_ref(), faults) {
        add(&mut sinks, faults, "OTLP", || {
            OtlpSink::start(otlp, &config.identity)
        });
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
