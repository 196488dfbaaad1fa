//! One value a thread, readable by all, handed on when the thread ends. As many are made as threads ever ran at once.

use crate::base::fork;
use crate::base::reentry;
use std::sync::Mutex;

/// The values of one kind.
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

    /// A value that no other living thread has.
    pub(crate) fn take(&self, make: impl FnOnce() -> T) -> &'static T {
        // The allocator may be annotated, and come here again.
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

    /// Takes a value back from a thread that ends.
    pub(crate) fn give_back(&self, value: &'static T) {
        let _mark = reentry::mark();
        if let Some(mut free) = fork::lock(&self.free) {
            free.push(value);
        }
    }

    /// Every value ever made.
    pub(crate) fn all(&self) -> Vec<&'static T> {
        let _mark = reentry::mark();
        fork::lock(&self.all).map_or_else(Vec::new, |all| all.clone())
    }
}
