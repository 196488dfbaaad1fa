//! Captures what a closure or a future reports, for assertions in tests. (Feature `testing`.)
//!
//! ```
//! use instrumental::{Label, testing, traced};
//!
//! #[derive(Debug, Label)]
//! enum ReleaseError {
//!     NotFound(u32),
//! }
//!
//! #[traced(id)]
//! fn release(id: u32) -> Result<(), ReleaseError> {
//!     find(id)
//! }
//!
//! #[traced]
//! fn find(id: u32) -> Result<(), ReleaseError> {
//!     Err(ReleaseError::NotFound(id))
//! }
//!
//! # fn main() {
//! let (result, seen) = testing::capture(|| release(7));
//! assert!(result.is_err());
//! assert_eq!(seen.tree(), "release id=7 error(not_found)\n└─ find error(not_found)");
//! assert_eq!(seen.counter("function.errors", &[("function", "find")]), 1);
//! # }
//! ```
//!
//! A capture is isolated. What it records does not reach the application's own subscriber and recorder, the pipeline of
//! [`init`](crate::init), or other tests that run at the same time. Work that the captured code spawns belongs to the
//! capture if it carries the running call: by `spawn`, by [`in_current_call`](crate::InCurrentCall::in_current_call) on a
//! future, or by [`in_current_call()`](crate::in_current_call) on a thread. Log lines and spans of `tracing` are captured at
//! every level. Each capture throttles its reports separately. The values of a [`Bounded`](crate::Bounded) label are shared
//! by the whole process.
//!
//! A capture holds all data in memory, without a limit: capture a test, not an hour of load.

mod capture;
mod items;
mod metric;
mod recording;
mod seen;
mod show;

pub use items::{Event, Log, Report, Span};
pub use metric::{Metric, MetricValue};
pub use seen::Seen;

use crate::collect::trace::task::{Carried, Carries};
use capture::Capture;
use std::sync::Arc;

/// Runs `body`, and returns its value and everything that it reported.
///
/// # Panics
/// A panic of `body` is passed on, and the captured data are lost. To assert on the outcome `panicked`, catch the panic
/// inside:
///
/// ```
/// use instrumental::{Outcome, testing, traced};
/// use std::panic::catch_unwind;
///
/// #[traced]
/// fn divide(by: u32) -> u32 {
///     1 / by
/// }
///
/// # fn main() {
/// let (result, seen) = testing::capture(|| catch_unwind(|| divide(0)));
/// assert!(result.is_err());
/// assert_eq!(seen.span("divide").outcome, Some(Outcome::Panicked));
/// # }
/// ```
pub fn capture<R>(body: impl FnOnce() -> R) -> (R, Seen) {
    let capture = Capture::new();
    let value = Carried::tapped(Arc::clone(&capture) as _).run(body);
    (value, capture.seen())
}

/// Runs `future`, and returns its value and everything that it reported.
///
/// This works in any async runtime, and the future need not be `Send`.
///
/// ```
/// use instrumental::{testing, traced};
///
/// #[traced]
/// async fn notify() {}
///
/// # fn main() -> Result<(), std::io::Error> {
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let ((), seen) = testing::capture_async(notify()).await;
/// assert_eq!(seen.tree(), "notify ok");
/// # });
/// # Ok(())
/// # }
/// ```
///
/// Only the future is captured, not the call of the function that returns it. To capture what a function does before it
/// returns its future, call it inside: `capture_async(async { notify().await })`.
pub async fn capture_async<F: Future>(future: F) -> (F::Output, Seen) {
    let capture = Capture::new();
    let value = Carries::new(Carried::tapped(Arc::clone(&capture) as _), future).await;
    (value, capture.seen())
}
