//! The support library of generated functions: it records and compares their behavior.

mod compare;
mod drive;
mod errors;
mod futures;
mod notes;
mod probe;
mod show;
mod values;

pub use compare::{Limits, Pair, differences, main};
pub use drive::{Call, calls, futures, note_caller, note_place, streams};
pub use errors::*;
pub use futures::*;
pub use notes::*;
pub use probe::{NotRefUnwindSafe, NotSend, NotSync, NotUnpin, NotUnwindSafe, Of, of};
pub use show::Show;
pub use values::*;

use instrumental::catalog;

/// Everything that a generated function may name.
pub mod prelude {
    pub use super::*;
    pub use crate::measure;
    pub use async_trait::async_trait;
    pub use futures_core::Stream;
    pub use instrumental::{business_event, capture_errors, instrument, traced};
    pub use std::cell::Cell;
    pub use std::ops::ControlFlow;
    pub use std::pin::{Pin, pin};
    pub use std::rc::Rc;
    pub use std::sync::Arc;
    pub use std::task::Poll;
}

/// Metrics for the durations of annotated functions.
#[catalog]
pub mod times {
    /// Durations of generated functions.
    pub fn took(tripped: bool) -> Histogram<Seconds>;
}
