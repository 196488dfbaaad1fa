//! The backends that the settings ask for.

use super::{Builder, Config};
use crate::pipeline::Sink;
use crate::settings::Faults;

/// Opens every backend that is turned on. One that cannot be is a fault.
pub(super) fn open(builder: Builder, config: &Config, faults: &mut Faults) -> Vec<Box<dyn Sink>> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    #[cfg(feature = "logs")]
    sinks.push(Box::new(crate::backend::logs::Logs::new(config)));
    // Without features there is nothing to open.
    let _ = (builder, config, faults, &mut sinks);
    sinks
}
