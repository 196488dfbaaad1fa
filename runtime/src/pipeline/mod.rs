//! The pipeline: a background thread that reads the collected data, assembles traces, and passes traces and records to the
//! consumers of the backends.

mod assemble;
#[allow(dead_code, reason = "only backends use all of it")]
mod backend;
#[cfg(feature = "calendar")]
#[allow(dead_code, reason = "only logs use all of it")]
pub(crate) mod calendar;
#[allow(dead_code, reason = "only backends use all of it")]
mod config;
mod consumer;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod exemplars;
#[cfg(feature = "grpc")]
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod grpc;
#[cfg(all(feature = "net", not(feature = "grpc")))]
#[allow(dead_code, reason = "only backends use all of it")]
#[path = "no_grpc.rs"]
pub(crate) mod grpc;
#[allow(dead_code, reason = "only backends use all of it")]
mod items;
#[allow(dead_code, reason = "only backends use all of it")]
mod open;
mod placed;
pub mod processor;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod queue;
mod records;
#[cfg(feature = "serve")]
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod serve;
#[cfg(not(feature = "serve"))]
#[path = "no_serve.rs"]
pub(crate) mod serve;
mod shared;
#[allow(dead_code, reason = "only backends use all of it")]
mod span;
#[cfg(feature = "net")]
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod transport;
mod worker;

#[allow(unused_imports, reason = "only backends use all of it")]
pub(crate) use backend::{Backend, Configured, Endpoints, Environment, Pages, Started};
pub(crate) use config::Config;
pub(crate) use consumer::Consumer;
pub(crate) use shared::{Shared, must_not_wait};
#[allow(unused_imports, reason = "only backends use all of it")]
pub(crate) use span::{FinishedSpan, SamplingReason, Trace};
#[cfg(test)]
#[allow(unused_imports, reason = "only the tests of backends use it")]
pub(crate) use span::{example, example_of_error};
pub(crate) use worker::start;
