//! Locks and per-thread values.

mod lock;
mod pool;

pub(crate) use lock::lock;
pub(crate) use pool::Pool;
