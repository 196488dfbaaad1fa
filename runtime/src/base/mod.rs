//! Utilities for all other modules: time, locks, text, settings, and counts of dropped items.

pub(crate) mod builder;
pub(crate) mod clock;
pub(crate) mod drop_counts;
pub(crate) mod fork;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod given;
pub(crate) mod host;
pub(crate) mod internal_thread;
pub(crate) mod reentry;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod settings;
pub(crate) mod sync;
pub(crate) mod text;
