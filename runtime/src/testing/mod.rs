//! Run a closure or a future and assert on what it reported. (Feature `testing`.)
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
//! What is captured reaches nobody else: not the application's own subscriber and recorder, not the pipeline of
//! [`init`](crate::init), not another test that runs meanwhile. Work that the captured code spawns belongs to it where
//! the running call is carried along: with `spawn`, with
//! [`in_current_call`](crate::InCurrentCall::in_current_call), or with [`in_current_call()`](crate::in_current_call)
//! on a thread. Log lines and spans of `tracing` are captured at every level. Storm control counts for each capture
//! alone; values of a [`Bounded`](crate::Bounded) label are learnt by the process.
//!
//! Everything is kept until it is asserted on: capture what a test does, not an hour of load.

mod capture;
mod heard;
mod metric;
mod seen;
mod seen_items;
mod show;

pub use metric::{Metric, MetricValue};
pub use seen::Seen;
pub use seen_items::{Event, Log, Report, Span};

use crate::collect::trace::task::{Carried, Carries};
use capture::Capture;
use std::sync::Arc;

/// Runs `body` and returns what it returned, and what it reported.
///
/// A panic of `body` passes through, and nothing is captured from then on. To assert on the outcome `panicked`, catch
/// it inside:
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

/// Runs `future` and returns what it returned, and what it reported. Works in any runtime; the future need not be
/// `Send`.
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
/// The call of a function is outside; its future is inside. An annotated function that does something before it
/// returns its future is better called inside: `capture_async(async { notify().await })`.
pub async fn capture_async<F: Future>(future: F) -> (F::Output, Seen) {
    let capture = Capture::new();
    let value = Carries::new(Carried::tapped(Arc::clone(&capture) as _), future).await;
    (value, capture.seen())
}
