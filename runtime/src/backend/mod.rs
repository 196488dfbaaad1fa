//! Backends, each a feature.

#[cfg(feature = "logs")]
pub(crate) mod logs;
