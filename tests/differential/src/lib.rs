//! Annotated code means what plain code means: `generate` writes functions of every shape twice, plain and annotated,
//! and `kit` runs both and compares what a program can see of them.

pub mod generate;
pub mod kit;
