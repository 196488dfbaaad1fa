//! Our own threads: what libraries do on them on our behalf is not telemetry of the program.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

thread_local! {
    static INTERNAL: Cell<bool> = const { Cell::new(false) };
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs code of the user's that only tells of a value (`Debug`, `Display`, `source()`), where a panic is no event of
/// the program.
///
/// # Errors
/// It panicked.
#[inline]
pub(crate) fn guarded<R>(run: impl FnOnce() -> R) -> std::thread::Result<R> {
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    GUARDED.set(before);
    result
}

/// Whether a panic here is caught by [`guarded`].
pub(crate) fn is_guarded() -> bool {
    GUARDED.get()
}

/// Whether this thread is one of ours, and nothing it does is recorded.
pub(crate) fn is_internal() -> bool {
    INTERNAL.get()
}

/// Marks the calling thread as one of ours.
pub(crate) fn mark() {
    INTERNAL.set(true);
}

/// Starts a thread of ours. Never joined: what hangs in it is left behind.
///
/// # Errors
/// The system refuses a thread.
pub(crate) fn spawn(
    name: &str,
    run: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(move || {
        mark();
        run();
    })
}

/// Says something in the log, from a thread of ours.
pub(crate) fn log_internal(say: impl FnOnce()) {
    let before = INTERNAL.replace(false);
    say();
    INTERNAL.set(before);
}
