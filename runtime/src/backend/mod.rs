//! Backends, each a feature.

#[cfg(feature = "datadog")]
pub(crate) mod datadog;
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
