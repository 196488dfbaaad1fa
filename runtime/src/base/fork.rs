//! A process that was forked off: it has none of our threads, and what they had locked stays locked. It hands nothing
//! on, and waits for nobody.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// The process that turned telemetry on; zero: none did.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// The threads of telemetry are this process's from here on.
pub(crate) fn own() {
    OWNER.store(std::process::id(), Relaxed);
}

/// Whether this process was forked off from the one that turned telemetry on. A system call: for what is rare.
pub(crate) fn is_child() -> bool {
    let owner = OWNER.load(Relaxed);
    owner != 0 && owner != std::process::id()
}

/// Locks; `None`: whoever holds it may be a thread that is not here. Who gets the lock at once asks nothing.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) if is_child() => None,
        Err(TryLockError::WouldBlock) => Some(crate::base::sync::lock(mutex)),
    }
}
