//! Checks that annotated functions behave like plain ones: `generate` writes functions of every shape twice, plain and
//! annotated, and `kit` runs both and compares their observable behavior.

pub mod generate;
pub mod kit;
