//! What operators ask for, made from what was recorded.

mod figures;
pub(crate) mod manifest;
mod numbers;
pub(crate) mod own;
pub(crate) mod probe;
pub(crate) mod samples;
pub(crate) mod summary;
