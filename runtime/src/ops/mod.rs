//! What operators ask for, made from what was recorded.

mod figures;
pub(crate) mod summary;
