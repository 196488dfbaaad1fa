//! Turning telemetry off.

use super::config::FILTER;
use super::error::SetupError;
use crate::base::settings::ConfigError;
use crate::collect::dispatch;
use crate::collect::filter::{Filter, SharedFilter};
use crate::pipeline::serve::Server;
use crate::pipeline::{Shared, is_alone};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

/// How long dropping the guard may take; Sentry's default of `shutdown_timeout`.
const DROP_TIMEOUT: Duration = Duration::from_secs(2);

/// Telemetry is on while this lives. Dropping it hands everything reported so far to the backends, within two seconds; of
/// what a backend did not get by then, there is a line on the standard error output.
///
/// It is not dropped where the process ends by `std::process::exit` or a signal.
#[must_use = "telemetry is turned off when this is dropped: keep it in `main`"]
pub struct Telemetry {
    shared: Option<Arc<Shared>>,
    filter: SharedFilter,
    servers: Vec<Server>,
}

/// Not everything could be handed over in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownTimedOut;

impl fmt::Display for ShutdownTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("telemetry was turned off before everything was handed over")
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

    /// Where the pages of the process are served; empty if no feature with pages is on.
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

    /// Changes which log lines and foreign spans are taken: `debug,sqlx=warn`, as `RUST_LOG` spells it.
    ///
    /// # Errors
    /// The directives cannot be read; nothing was changed.
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

    /// Waits until the backends have everything reported so far.
    ///
    /// # Errors
    /// They have not after `timeout`. Telemetry stays on. At once where there is nobody to wait for: in a hook such as
    /// `before_send`, and in a process that was forked off, whose reports go nowhere.
    pub fn flush(&self, timeout: Duration) -> Result<(), ShutdownTimedOut> {
        let deadline = Instant::now() + timeout;
        match &self.shared {
            Some(shared) if !shared.flush(deadline) => Err(ShutdownTimedOut),
            _ => Ok(()),
        }
    }

    /// Turns telemetry off when everything is handed over, or after `timeout`. Works in any runtime, and in none.
    ///
    /// # Errors
    /// Not everything was handed over in time; what is left is given up. At once where [`flush`](Self::flush) would not
    /// wait either.
    pub fn shutdown(
        mut self,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), ShutdownTimedOut>> + Send {
        let deadline = Instant::now() + timeout;
        let shared = self.shared.take();
        if let Some(shared) = &shared {
            close(shared, deadline);
            if !is_alone() {
                wake_at(deadline, shared);
            }
        }
        std::future::poll_fn(move |cx| {
            let ended = match &shared {
                Some(_) if is_alone() => return Poll::Ready(Err(ShutdownTimedOut)),
                Some(shared) if !shared.poll_done(cx.waker()) => Err(ShutdownTimedOut),
                _ => Ok(()),
            };
            if ended.is_err() && Instant::now() < deadline {
                return Poll::Pending;
            }
            crate::pipeline::queue::undelivered_message();
            Poll::Ready(ended)
        })
    }

    /// The same where there is no async runtime.
    ///
    /// # Errors
    /// Not everything was handed over in time.
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
                if !is_alone() {
                    crate::pipeline::queue::undelivered_message();
                }
                if done { Ok(()) } else { Err(ShutdownTimedOut) }
            }
        }
    }
}

/// Nothing is taken from here on; what was is handed over.
fn close(shared: &Shared, deadline: Instant) {
    if crate::base::fork::is_child() {
        return;
    }
    dispatch::set_pipeline(dispatch::pipeline::METRICS);
    crate::collect::record_queue::open(false);
    shared.stop(deadline);
}

/// A future alone cannot tell the time: a thread does it, and ends with the deadline at the latest.
fn wake_at(deadline: Instant, shared: &Arc<Shared>) {
    let shared = Arc::clone(shared);
    let wait = move || {
        shared.wait(deadline);
        shared.wake();
    };
    // Without it, the future ends with the background thread.
    let _ = std::thread::Builder::new()
        .name("instrumental-stop".into())
        .spawn(wait);
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // Nobody is left to hear of what was given up.
        let _ = self.finish(DROP_TIMEOUT);
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}
