//! Tasks of tokio that are a part of the running call.

use crate::collect::trace::task::InCurrentCall as _;
use std::future::Future;

/// Spawns a tokio task that is a part of the running call. (Feature `tokio`.)
///
/// # Panics
/// Outside a tokio runtime, as `tokio::spawn` does.
pub fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.in_current_call())
}
