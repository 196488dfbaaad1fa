//! Detection of forked processes. A child process has none of the library's threads, and locks that they held stay locked.
//! It exports nothing and never waits for such a lock.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// Id of the process that called `init`; zero if none did.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// Records this process as the owner of the library's threads.
pub(crate) fn own() {
    OWNER.store(std::process::id(), Relaxed);
}

/// Returns whether this process is a fork of the one that called `init`. It makes a system call, so it is not for hot paths.
pub(crate) fn is_child() -> bool {
    let owner = OWNER.load(Relaxed);
    owner != 0 && owner != std::process::id()
}

/// Locks the mutex, or returns `None` in a forked process if it is held, possibly by a thread that does not exist here. An
/// uncontended lock skips this check.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) if is_child() => None,
        Err(TryLockError::WouldBlock) => Some(crate::base::sync::lock(mutex)),
    }
}
