//! The application's own `tracing` subscriber and `metrics` recorder, which receive telemetry in programs without `init`.

pub(crate) mod metrics;
#[allow(dead_code, reason = "only the http layers use all of it")]
pub(crate) mod spans;
