//! Writing for people: values that cannot forge a line or a colour, times, and trees.

#[cfg(feature = "calendar")]
pub(crate) mod calendar;
pub(crate) mod datadog;
pub(crate) mod escape;
pub(crate) mod json;
pub(crate) mod prometheus;
pub(crate) mod time;
pub(crate) mod tree;
