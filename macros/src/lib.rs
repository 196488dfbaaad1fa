//! The attributes of `instrumental`. Use them through that crate.
#![forbid(unsafe_code)]
