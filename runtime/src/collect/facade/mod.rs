//! The application's own `tracing` subscriber and `metrics` recorder, fed while nobody called `init`.

pub(crate) mod metrics;
#[allow(dead_code, reason = "only the http layers use all of it")]
pub(crate) mod spans;
