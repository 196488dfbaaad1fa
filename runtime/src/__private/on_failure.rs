//! Values that a call reads only if it fails.
//!
//! They are kept by the closure that looks at what the body returned. It is called before the call ends, and where the
//! body unwinds or its future is dropped, it is dropped before the call ends: either way the call is on top of the
//! stack, and may record more fields.

use super::call::{self, Call};
use super::run::Guard;
use crate::base::clock;
use crate::collect::trace::context;
use crate::collect::trace::frame::{self, Source};
use crate::model::fault::Verdict;
use crate::model::site::Site;
use crate::model::spec::flag;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tracing::Value;

/// What reads the values of a call. Made by [`Call::keep`], told how the call ends.
#[must_use = "values are read when the call ends"]
pub struct FailureValues<F: FnOnce(&mut FailureRecorder)>(Option<Reading<F>>);

struct Reading<F> {
    read: F,
    of: Of,
}

/// One call. No two of a function begin at once on a thread's stack.
#[derive(Clone, Copy)]
struct Of {
    site: &'static Site,
    start: u64,
}

/// Takes the values of a call that has failed.
#[derive(Debug)]
pub struct FailureRecorder {
    site: &'static Site,
    /// The beginning of a call that may be reported.
    reported: Option<u64>,
}

impl Call {
    /// Keeps what reads the values of this call, which has just begun.
    #[inline]
    pub fn keep<F: FnOnce(&mut FailureRecorder)>(&self, read: F) -> FailureValues<F> {
        let of = if self.is_quiet() { None } else { Of::top(0) };
        FailureValues(of.map(|of| Reading { read, of }))
    }
}

impl Of {
    /// The call on top of the stack, if it has these flags.
    #[inline(never)]
    fn top(flags: u32) -> Option<Self> {
        context::with(|stack| {
            let top = stack.top()?;
            match top.source.get() {
                Source::Site(site) if top.flags.get() & flags == flags => Some(Self {
                    site,
                    start: top.start.get(),
                }),
                _ => None,
            }
        })
    }

    fn is(self, other: Self) -> bool {
        std::ptr::eq(self.site, other.site) && self.start == other.start
    }

    /// Whether the call fails, or has taken too long.
    fn is_failure(self, verdict: &Verdict<'_>) -> bool {
        if let Verdict::Error(fault) = verdict
            && fault.reported
            && fault.class.is_reported()
        {
            return true;
        }
        let limit = self.site.slow_seconds();
        limit > 0.0 && clock::seconds(self.start, clock::now()) > limit
    }
}

impl<F: FnOnce(&mut FailureRecorder)> FailureValues<F> {
    /// The body returned this, or its stream yielded it.
    #[inline]
    pub fn returned(&mut self, verdict: &Verdict<'_>) {
        let failed = self.0.take_if(|kept| kept.of.is_failure(verdict));
        if let Some(kept) = failed {
            kept.read(true);
        }
    }

    /// Measures the call until the guard is dropped.
    pub fn guard(self, call: Call) -> FailureValuesGuard<F> {
        FailureValuesGuard {
            kept: self,
            guard: call.guard(),
        }
    }
}

impl<F: FnOnce(&mut FailureRecorder)> Drop for FailureValues<F> {
    #[inline]
    fn drop(&mut self) {
        if let Some(kept) = self.0.take() {
            kept.dropped();
        }
    }
}

impl<F: FnOnce(&mut FailureRecorder)> Reading<F> {
    /// The call returned, unless its frame says otherwise.
    fn dropped(self) {
        if Of::top(frame::FAILED).is_some_and(|top| top.is(self.of)) {
            // This runs in a destructor, as a rule while the thread unwinds: a second panic would end the process.
            let read = AssertUnwindSafe(|| self.read(false));
            if catch_unwind(read).is_err() {
                crate::collect::dropped::count(
                    crate::model::drop_reason::DropReason::FieldPanicked,
                );
            }
        }
    }

    #[cold]
    fn read(self, reported: bool) {
        context::with(context::Stack::uncover);
        let Of { site, start } = self.of;
        let reported = reported && (site.has(flag::CAPTURE) || site.spec.slow_nanos != 0);
        // The values' own code may call annotated functions, after which nothing would be known of a report.
        let just_reported = context::just_reported();
        (self.read)(&mut FailureRecorder {
            site,
            reported: reported.then_some(start),
        });
        context::set_just_reported(just_reported);
    }
}

impl FailureRecorder {
    /// The values of the declared fields, in order; `None`: recorded when the call began.
    #[inline(never)]
    pub fn fields(&mut self, values: &[Option<&dyn Value>]) {
        call::record_more(self.site, values, self.reported);
    }
}

impl<F: FnOnce(&mut FailureRecorder)> std::fmt::Debug for FailureValues<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FailureValues").finish_non_exhaustive()
    }
}

/// A [`Guard`] of a call that keeps values.
#[must_use = "the call ends when this is dropped"]
#[derive(Debug)]
pub struct FailureValuesGuard<F: FnOnce(&mut FailureRecorder)> {
    // The order of the fields is the order of their drops.
    kept: FailureValues<F>,
    guard: Guard,
}

impl<F: FnOnce(&mut FailureRecorder)> Drop for FailureValuesGuard<F> {
    fn drop(&mut self) {
        if self.guard.is_unwinding() {
            super::end::mark_failed();
        } else {
            self.kept.returned(&Verdict::Ok);
        }
    }
}
