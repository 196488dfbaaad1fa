//! Formatting of text: escaping, JSON, times, trees, and names for backends.

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
