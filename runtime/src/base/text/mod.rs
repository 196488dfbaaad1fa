//! Writing for people: values that cannot forge a line or a colour, times, and trees.

#[cfg(feature = "calendar")]
#[allow(dead_code, reason = "only logs use all of it")]
pub(crate) mod calendar;
pub(crate) mod datadog;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod escape;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod json;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod prometheus;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod time;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod tree;
