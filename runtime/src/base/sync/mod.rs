//! Locks, and values of which each thread has one.

mod lock;
mod pool;

pub(crate) use lock::lock;
pub(crate) use pool::Pool;
