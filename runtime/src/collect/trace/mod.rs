//! Tracing: the calls that run on each thread, their span records, and the propagation of context to tasks.

pub(crate) mod context;
pub(crate) mod fields;
pub(crate) mod frame;
pub(crate) mod ids;
pub(crate) mod record;
pub(crate) mod sampling;
pub(crate) mod scope;
#[allow(dead_code, reason = "only tests that capture use all of it")]
pub(crate) mod task;
pub(crate) mod thread_state;
