//! The application's own `tracing` subscriber and `metrics` recorder, fed while nobody called `init`.

pub(crate) mod metrics;
pub(crate) mod spans;
