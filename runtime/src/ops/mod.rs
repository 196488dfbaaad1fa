//! Output for operators: samples, summary, manifest, probe, and metrics of telemetry itself.

mod figures;
pub(crate) mod manifest;
mod numbers;
pub(crate) mod probe;
pub(crate) mod samples;
pub(crate) mod self_metrics;
pub(crate) mod summary;
