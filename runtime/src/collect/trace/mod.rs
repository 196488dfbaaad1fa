//! Spans: which call runs on this thread, what it recorded, and how that follows a task.

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
