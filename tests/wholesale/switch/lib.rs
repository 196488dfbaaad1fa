//! Turns telemetry on in the tests of a crate that nobody here wrote: each of them begins with a call of [`on`].

use instrumental::Telemetry;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

static TELEMETRY: LazyLock<Telemetry> =
    LazyLock::new(|| instrumental::init().expect("the settings of the environment are right"));

static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// A test that runs. When the last one ends, everything is handed over: the process may end next, without a drop.
#[must_use = "it lives as long as the test"]
pub struct Running(());

/// Begins a test.
///
/// # Panics
///
/// Telemetry cannot be turned on.
pub fn on() -> Running {
    LazyLock::force(&TELEMETRY);
    RUNNING.fetch_add(1, Ordering::SeqCst);
    Running(())
}

impl Drop for Running {
    fn drop(&mut self) {
        if RUNNING.fetch_sub(1, Ordering::SeqCst) == 1 && !thread::panicking() {
            let handed_over = TELEMETRY.flush(Duration::from_secs(10));
            handed_over.expect("the receiver on loopback takes everything");
        }
    }
}
