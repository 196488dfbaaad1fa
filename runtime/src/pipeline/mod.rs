//! The background thread: gathers what was reported, once, and passes it to the consumer of every backend.

mod assemble;
mod backend;
mod config;
mod consumer;
pub(crate) mod exemplars;
#[cfg(feature = "grpc")]
pub(crate) mod grpc;
#[cfg(all(feature = "net", not(feature = "grpc")))]
#[path = "no_grpc.rs"]
pub(crate) mod grpc;
mod items;
mod open;
pub mod processor;
pub(crate) mod queue;
#[cfg(feature = "serve")]
pub(crate) mod serve;
#[cfg(not(feature = "serve"))]
#[path = "no_serve.rs"]
pub(crate) mod serve;
mod shared;
mod span;
#[cfg(feature = "net")]
pub(crate) mod transport;
mod worker;

pub(crate) use backend::{Backend, Configured, Endpoints, Environment, Pages, Started};
pub(crate) use config::Config;
pub(crate) use consumer::Consumer;
pub(crate) use shared::{Shared, is_alone};
// For the tests of backends, which may all be off.
#[allow(unused_imports)]
pub(crate) use span::{FinishedSpan, Kept, Trace};
#[cfg(test)]
#[allow(unused_imports)]
pub(crate) use span::{example, example_of_error};
pub(crate) use worker::start;
