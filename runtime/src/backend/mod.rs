//! Backends, each a feature.

#[cfg(feature = "datadog")]
pub(crate) mod datadog;
#[cfg(feature = "logs")]
pub(crate) mod logs;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
#[cfg(feature = "prometheus")]
pub(crate) mod prometheus;
#[cfg(feature = "sentry")]
pub(crate) mod sentry;
