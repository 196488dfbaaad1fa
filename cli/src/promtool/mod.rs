//! Unit tests of the generated rules, in promtool's format.

pub(crate) mod alerts;
mod cases;
mod expectation;
mod labels;
pub(crate) mod objectives;
mod series;
mod stretch;
