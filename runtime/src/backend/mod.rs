//! The backends. Each has a folder, a feature, and a row in the table.

#[cfg(feature = "datadog")]
pub(crate) mod datadog;
pub mod export;
#[cfg(feature = "live")]
pub(crate) mod live;
#[cfg(feature = "logs")]
pub(crate) mod logs;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
#[cfg(all(feature = "profiling", unix))]
pub(crate) mod profiling;
#[cfg(feature = "prometheus")]
pub(crate) mod prometheus;
#[cfg(feature = "sentry")]
pub(crate) mod sentry;

use crate::base::settings::ConfigErrors;
use crate::pipeline::{Backend, Configured, Environment};

/// A backend of the table.
struct Row {
    /// The names of its queues in `health()`.
    queues: &'static [&'static str],
    configure: fn(Environment<'_>, &mut ConfigErrors) -> Option<Box<dyn Configured>>,
}

/// The backends, in the order of the manifest, which is also the order in which they start.
const TABLE: &[Row] = &[
    #[cfg(feature = "prometheus")]
    row::<prometheus::PrometheusConfig>(),
    #[cfg(feature = "live")]
    row::<live::LiveConfig>(),
    #[cfg(all(feature = "profiling", unix))]
    row::<profiling::Profiling>(),
    #[cfg(feature = "logs")]
    row::<logs::LogsConfig>(),
    #[cfg(feature = "otlp")]
    row::<otlp::OtlpConfig>(),
    #[cfg(feature = "datadog")]
    row::<datadog::DatadogConfig>(),
    #[cfg(feature = "sentry")]
    row::<sentry::SentryConfig>(),
];

#[allow(dead_code, reason = "without backends the table is empty")]
const fn row<B: Backend>() -> Row {
    Row {
        queues: B::QUEUES,
        configure: |environment, errors| {
            let backend = B::configure(environment, errors)?;
            Some(Box::new(backend))
        },
    }
}

/// Reads the settings of every backend, and returns the enabled ones. Adds an error for each invalid setting.
pub(crate) fn configure(
    environment: Environment<'_>,
    errors: &mut ConfigErrors,
) -> Vec<Box<dyn Configured>> {
    let rows = TABLE.iter();
    let mut backends: Vec<_> = rows
        .filter_map(|row| (row.configure)(environment, errors))
        .collect();
    let queues = TABLE.iter().flat_map(|row| row.queues);
    backends.extend(export::configure(environment, queues, errors));
    backends
}
