//! Turns telemetry on in the tests of third-party crates: each test begins with a call of [`on`].

use instrumental::Telemetry;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

static TELEMETRY: LazyLock<Telemetry> =
    LazyLock::new(|| instrumental::init().expect("valid settings in the environment"));

static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// A running test. The last one to end flushes telemetry, because the process may exit without dropping statics.
#[must_use = "keep it until the test ends"]
pub struct Running(());

/// Turns telemetry on and begins a test.
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
            let flushed = TELEMETRY.flush(Duration::from_secs(10));
            flushed.expect("the receiver on loopback accepts everything");
        }
    }
}
