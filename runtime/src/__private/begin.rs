//! Beginning of calls.

use super::call::{Call, fill, listeners, open_own, push};
use super::recorder::Recorder;
use crate::base::clock;
use crate::collect::facade;
use crate::collect::facade::spans::Parent;
use crate::collect::trace::context::{self, Stack};
use crate::model::site::Site;
use crate::model::spec::listen;
use std::sync::atomic::Ordering::Relaxed;

impl Site {
    /// Begins a call that records fields. Without receivers this costs a load and a branch, and `fields` is not called.
    #[inline(always)]
    pub(crate) fn enter(&'static self, fields: impl FnOnce(&mut Recorder<'_>)) -> Call {
        let mut recorder = self.recorder();
        if !recorder.is_enabled() {
            return Call::disabled();
        }
        fields(&mut recorder);
        recorder.start()
    }

    /// Begins a call that records no fields. Without receivers this costs a load and a branch.
    #[inline(always)]
    pub fn begin(&'static self) -> Call {
        let state = self.state.load(Relaxed);
        let listen = if state == 0 { 0 } else { begin(self, state) };
        Call::new(listen)
    }
}

// Outlined, so that an annotated function contains only a load, a branch and this call.
#[inline(never)]
fn begin(site: &'static Site, state: u32) -> u32 {
    if state == listen::FACADE_METRICS {
        if !facade::metrics::is_present() {
            return 0;
        }
    } else if state == listen::PLAIN && context::with(|stack| enter_fast(stack, site)) {
        return listen::PLAIN;
    }
    enter_slow(site, state)
}

/// Begins a call that records only its duration, in the common case. This makes no calls to other functions, so `begin`
/// saves no registers. Otherwise it returns `false`.
#[inline(always)]
fn enter_fast(stack: &Stack, site: &'static Site) -> bool {
    if !clock::is_fast() {
        return false;
    }
    let Some(frame) = stack.push_fast() else {
        return false;
    };
    fill(frame, site, listen::PLAIN);
    frame.start.set(clock::fast_now());
    true
}

#[inline(never)]
fn enter_slow(site: &'static Site, state: u32) -> u32 {
    let listen = listeners(site, state);
    if listen == listen::PLAIN {
        context::with(|stack| push(stack, site, listen::PLAIN).start.set(clock::now()));
    } else if listen == listen::SPANNED {
        context::with(|stack| {
            let frame = push(stack, site, listen);
            open_own(stack, frame, false, &Parent::Current);
            frame.start.set(clock::now());
        });
    } else if listen != 0 {
        enter_rare(site, listen);
    }
    listen
}

#[cold]
#[inline(never)]
fn enter_rare(site: &'static Site, listen: u32) {
    Recorder::new(site, listen).start().forget();
}
