//! Values that are recorded only if a call fails: `on_failure(..)`.
//!
//! They are held by the closure that inspects the returned value. It is called before the call ends; if the body unwinds or
//! its future is dropped, it is dropped before the call ends. Either way the call is still on top of the stack, and can
//! record further fields.

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

/// Holds the closure that reads the values of a call, until the call ends. Created by [`Call::on_failure`].
#[must_use = "values are read when the call ends"]
pub struct FailureValues<F: FnOnce(&mut FailureRecorder)>(Option<Reader<F>>);

struct Reader<F> {
    read: F,
    call: CallId,
}

/// Identifies a call by site and start: two calls of a function on the same stack never begin at the same tick.
#[derive(Clone, Copy)]
struct CallId {
    site: &'static Site,
    start: u64,
}

/// Records the values of a call that has failed.
#[derive(Debug)]
pub struct FailureRecorder {
    site: &'static Site,
    /// Start tick of the call, if it may be reported.
    reported: Option<u64>,
}

impl Call {
    /// Stores the closure that reads the values of this call, which has just begun.
    #[inline]
    pub fn on_failure<F: FnOnce(&mut FailureRecorder)>(&self, read: F) -> FailureValues<F> {
        let call = if self.is_disabled() {
            None
        } else {
            CallId::top(0)
        };
        FailureValues(call.map(|call| Reader { read, call }))
    }
}

impl CallId {
    /// Returns the call on top of the stack, if it has these flags.
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

    /// Returns whether the call fails or was slow.
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
    /// Reads the values if this verdict, on a returned value or a stream's item, is a failure.
    #[inline]
    pub fn returned(&mut self, verdict: &Verdict<'_>) {
        let failed = self.0.take_if(|values| values.call.is_failure(verdict));
        if let Some(values) = failed {
            values.read(true);
        }
    }

    /// Measures the call until the guard is dropped.
    pub fn guard(self, call: Call) -> FailureValuesGuard<F> {
        FailureValuesGuard {
            values: self,
            guard: call.guard(),
        }
    }
}

impl<F: FnOnce(&mut FailureRecorder)> Drop for FailureValues<F> {
    #[inline]
    fn drop(&mut self) {
        if let Some(values) = self.0.take() {
            values.dropped();
        }
    }
}

impl<F: FnOnce(&mut FailureRecorder)> Reader<F> {
    /// Reads the values if the frame is marked as failed. Otherwise the call has returned.
    fn dropped(self) {
        if CallId::top(frame::FAILED).is_some_and(|top| top.is(self.call)) {
            // This runs in a destructor, usually during unwinding, when a second panic would abort the process.
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
        context::with(context::Stack::pop_foreign);
        let CallId { site, start } = self.call;
        let reported = reported && (site.has(flag::CAPTURE) || site.spec.slow_nanos != 0);
        // The values' own code may call annotated functions, which reset this flag.
        let just_reported = context::just_reported();
        (self.read)(&mut FailureRecorder {
            site,
            reported: reported.then_some(start),
        });
        context::set_just_reported(just_reported);
    }
}

impl FailureRecorder {
    /// Records the values of the declared fields, in order. `None` means that the field was recorded when the call began.
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

/// A [`Guard`] of a call with `on_failure` values.
#[must_use = "the call ends when this is dropped"]
#[derive(Debug)]
pub struct FailureValuesGuard<F: FnOnce(&mut FailureRecorder)> {
    // Fields are dropped in the order of their declaration.
    values: FailureValues<F>,
    guard: Guard,
}

impl<F: FnOnce(&mut FailureRecorder)> Drop for FailureValuesGuard<F> {
    fn drop(&mut self) {
        if self.guard.is_unwinding() {
            super::end::mark_failed();
        } else {
            self.values.returned(&Verdict::Ok);
        }
    }
}
