//! tokio tasks that belong to the running call.

use crate::collect::trace::task::InCurrentCall as _;
use std::future::Future;

/// Spawns a tokio task that belongs to the running call: its spans are children of the call's. (Feature `tokio`.)
///
/// ```
/// #[instrumental::traced]
/// async fn notify() {}
///
/// #[instrumental::traced]
/// async fn release() {
///     // `notify` continues in the background, in the same trace.
///     instrumental::spawn(notify());
/// }
/// ```
///
/// # Panics
/// Panics outside a tokio runtime, as `tokio::spawn` does.
pub fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.in_current_call())
}
