//! The library's own threads. Calls that other libraries make on them are not telemetry of the program.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

thread_local! {
    static INTERNAL: Cell<bool> = const { Cell::new(false) };
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs user code that describes a value (`Debug`, `Display`, `source()`). A panic in it is caught, and not reported as a
/// panic of the program.
///
/// # Errors
/// Returns the payload of the panic.
#[inline]
pub(crate) fn guarded<R>(run: impl FnOnce() -> R) -> std::thread::Result<R> {
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    GUARDED.set(before);
    result
}

/// Returns whether a panic on this thread would be caught by [`guarded`].
pub(crate) fn is_guarded() -> bool {
    GUARDED.get()
}

/// Returns whether this is one of the library's own threads, on which nothing is recorded.
pub(crate) fn is_internal() -> bool {
    INTERNAL.get()
}

/// Marks the calling thread as internal.
pub(crate) fn mark() {
    INTERNAL.set(true);
}

/// Starts an internal thread. Internal threads are never joined, so one that hangs does not block the program.
///
/// # Errors
/// The system cannot create a thread.
pub(crate) fn spawn(
    name: &str,
    run: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(move || {
        mark();
        run();
    })
}

/// Runs `say`, which logs a message of the library itself, with recording enabled on this internal thread.
pub(crate) fn log_internal(say: impl FnOnce()) {
    let before = INTERNAL.replace(false);
    say();
    INTERNAL.set(before);
}
