//! Per-thread values that all threads can read. When a thread ends, its value is reused by another, so there are only as
//! many values as threads ever ran at the same time.

use crate::base::fork;
use crate::base::reentry;
use std::sync::Mutex;

/// A pool of per-thread values.
pub(crate) struct Pool<T: 'static> {
    all: Mutex<Vec<&'static T>>,
    free: Mutex<Vec<&'static T>>,
}

impl<T> Pool<T> {
    pub(crate) const fn new() -> Self {
        Self {
            all: Mutex::new(Vec::new()),
            free: Mutex::new(Vec::new()),
        }
    }

    /// Returns a value that no other running thread uses.
    pub(crate) fn take(&self, make: impl FnOnce() -> T) -> &'static T {
        // An annotated allocator may call this function again.
        let _mark = reentry::mark();
        let free = fork::lock(&self.free).and_then(|mut free| free.pop());
        free.unwrap_or_else(|| {
            let value: &'static T = Box::leak(Box::new(make()));
            if let Some(mut all) = fork::lock(&self.all) {
                all.push(value);
            }
            value
        })
    }

    /// Returns the value of a thread that ends to the pool.
    pub(crate) fn give_back(&self, value: &'static T) {
        let _mark = reentry::mark();
        if let Some(mut free) = fork::lock(&self.free) {
            free.push(value);
        }
    }

    /// Returns every value ever created.
    pub(crate) fn all(&self) -> Vec<&'static T> {
        let _mark = reentry::mark();
        fork::lock(&self.all).map_or_else(Vec::new, |all| all.clone())
    }
}
