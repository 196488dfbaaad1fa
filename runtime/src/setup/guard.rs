//! The guard that turns telemetry off.

use super::config::FILTER;
use super::error::SetupError;
use crate::base::settings::ConfigError;
use crate::collect::dispatch;
use crate::collect::filter::{Filter, SharedFilter};
use crate::pipeline::serve::Server;
use crate::pipeline::{Shared, must_not_wait};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

/// How long dropping the guard may take. It is the default of Sentry's `shutdown_timeout`.
const DROP_TIMEOUT: Duration = Duration::from_secs(2);

/// The guard that [`init`](crate::init) returns: telemetry is on until it is dropped.
///
/// Dropping it sends everything reported so far to the backends, for at most two seconds. If data is left by then, a line
/// on standard error says how much each backend did not receive. `std::process::exit` and signals do not drop the guard.
///
/// ```no_run
/// fn main() -> Result<(), instrumental::SetupError> {
///     let _telemetry = instrumental::init()?;
///     // The program runs here.
///     Ok(())
/// }
/// ```
#[must_use = "telemetry is turned off when this is dropped: keep it in `main`"]
pub struct Telemetry {
    shared: Option<Arc<Shared>>,
    filter: SharedFilter,
    servers: Vec<Server>,
}

/// The error of a flush or shutdown that reached its timeout before all data was sent.
///
/// ```no_run
/// # let telemetry = instrumental::init()?;
/// if let Err(timed_out) = telemetry.shutdown_blocking(std::time::Duration::from_secs(5)) {
///     eprintln!("{timed_out}");
/// }
/// # Ok::<(), instrumental::SetupError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownTimedOut;

impl fmt::Display for ShutdownTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("telemetry timed out before all data was sent")
    }
}

impl std::error::Error for ShutdownTimedOut {}

impl Telemetry {
    pub(super) fn new(shared: Arc<Shared>, filter: SharedFilter, servers: Vec<Server>) -> Self {
        Self {
            shared: Some(shared),
            filter,
            servers,
        }
    }

    /// Returns the addresses that pages (`/metrics`, the live view) are served at; empty if none are.
    ///
    /// ```no_run
    /// let telemetry = instrumental::init()?;
    /// for address in telemetry.pages() {
    ///     println!("pages at http://{address}");
    /// }
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    #[must_use]
    pub fn pages(&self) -> Vec<std::net::SocketAddr> {
        let addresses = self.servers.iter().flat_map(|server| server.addresses());
        addresses.copied().collect()
    }

    /// Replaces the filter of log events and `tracing` spans. The directives have the syntax of `RUST_LOG`.
    ///
    /// ```no_run
    /// # let telemetry = instrumental::init()?;
    /// telemetry.set_log_filter("debug,sqlx=warn")?;
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    ///
    /// # Errors
    /// If the directives are invalid. The previous filter stays in place.
    pub fn set_log_filter(&self, directives: &str) -> Result<(), SetupError> {
        match Filter::parse(directives) {
            Some(filter) => {
                self.filter.set(filter);
                Ok(())
            }
            None => Err(SetupError::new(vec![ConfigError::Value {
                name: "log_filter",
                value: directives.to_owned(),
                expected: FILTER,
            }])),
        }
    }

    /// Blocks until everything reported so far was sent to the backends.
    ///
    /// ```no_run
    /// # let telemetry = instrumental::init()?;
    /// telemetry.flush(std::time::Duration::from_secs(5))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If data is left after `timeout`; telemetry stays on. Returns the error immediately if it is called in a hook such
    /// as `before_send`, which runs on a thread that sends, or in a forked process, which has no such threads.
    pub fn flush(&self, timeout: Duration) -> Result<(), ShutdownTimedOut> {
        let deadline = Instant::now() + timeout;
        match &self.shared {
            Some(shared) if !shared.flush(deadline) => Err(ShutdownTimedOut),
            _ => Ok(()),
        }
    }

    /// Sends everything reported so far, then turns telemetry off. Completes after `timeout` at the latest. The future
    /// works with any async runtime.
    ///
    /// ```no_run
    /// # async fn shutdown() -> Result<(), Box<dyn std::error::Error>> {
    /// # let telemetry = instrumental::init()?;
    /// telemetry.shutdown(std::time::Duration::from_secs(5)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If data is left after `timeout`; it is dropped. The error is immediate where [`flush`](Self::flush) returns
    /// immediately.
    pub fn shutdown(
        mut self,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), ShutdownTimedOut>> + Send {
        let deadline = Instant::now() + timeout;
        let shared = self.shared.take();
        if let Some(shared) = &shared {
            close(shared, deadline);
            if !must_not_wait() {
                wake_by(deadline, shared);
            }
        }
        std::future::poll_fn(move |cx| {
            let ended = match &shared {
                Some(_) if must_not_wait() => return Poll::Ready(Err(ShutdownTimedOut)),
                Some(shared) if !shared.poll_done(cx.waker()) => Err(ShutdownTimedOut),
                _ => Ok(()),
            };
            if ended.is_err() && Instant::now() < deadline {
                return Poll::Pending;
            }
            crate::pipeline::queue::write_undelivered();
            Poll::Ready(ended)
        })
    }

    /// Sends everything reported so far, then turns telemetry off. Blocks for at most `timeout`.
    ///
    /// ```no_run
    /// # let telemetry = instrumental::init()?;
    /// telemetry.shutdown_blocking(std::time::Duration::from_secs(5))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The same as for [`shutdown`](Self::shutdown).
    pub fn shutdown_blocking(mut self, timeout: Duration) -> Result<(), ShutdownTimedOut> {
        self.finish(timeout)
    }

    fn finish(&mut self, timeout: Duration) -> Result<(), ShutdownTimedOut> {
        let deadline = Instant::now() + timeout;
        match self.shared.take() {
            None => Ok(()),
            Some(shared) => {
                close(&shared, deadline);
                let done = shared.wait(deadline);
                if !must_not_wait() {
                    crate::pipeline::queue::write_undelivered();
                }
                if done { Ok(()) } else { Err(ShutdownTimedOut) }
            }
        }
    }
}

/// Stops collecting, and asks the background thread to send what was collected.
fn close(shared: &Shared, deadline: Instant) {
    if crate::base::fork::is_child() {
        return;
    }
    dispatch::set_pipeline(dispatch::pipeline::METRICS);
    crate::collect::record_queue::open(false);
    shared.stop(deadline);
}

/// Starts a thread that wakes the shutdown future when sending is done, or at `deadline`. Without a runtime's timer, the
/// future cannot do that itself.
fn wake_by(deadline: Instant, shared: &Arc<Shared>) {
    let shared = Arc::clone(shared);
    let wait = move || {
        shared.wait(deadline);
        shared.wake();
    };
    // If the system refuses the thread, the background thread still wakes the future when it ends.
    let _ = std::thread::Builder::new()
        .name("instrumental-stop".into())
        .spawn(wait);
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // `finish` has already written the timeout to standard error.
        let _ = self.finish(DROP_TIMEOUT);
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}
