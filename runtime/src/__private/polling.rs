//! Polls of futures and streams, during which their call is on top of the stack.

use super::end;
use super::suspended_call::{DropGuard, SuspendedCall, facade_span};
use crate::collect::trace::{context, frame};
use crate::model::fault::Verdict;
use crate::model::outcome::Outcome;

/// A poll of a future or stream. Its call is on top of the stack until the poll returns or unwinds.
pub(crate) struct Polling<'a> {
    suspended: &'a mut SuspendedCall,
    drop_guard: &'a mut DropGuard,
    /// Whether the poll returned, rather than unwound.
    returned: bool,
}

impl<'a> Polling<'a> {
    /// Begins a poll of an enabled call.
    #[inline(always)]
    pub(crate) fn begin(suspended: &'a mut SuspendedCall, drop_guard: &'a mut DropGuard) -> Self {
        if !suspended.is_left() {
            suspended.push();
        }
        drop_guard.arm();
        Self {
            suspended,
            drop_guard,
            returned: false,
        }
    }

    /// Begins a poll if the call is enabled.
    pub(crate) fn begin_if(
        suspended: &'a mut SuspendedCall,
        drop_guard: &'a mut DropGuard,
    ) -> Option<Self> {
        (!suspended.is_disabled()).then(|| Self::begin(suspended, drop_guard))
    }

    /// Suspends the call, if [`begin_if`](Self::begin_if) found it enabled.
    pub(crate) fn suspend_if(polling: Option<Self>) {
        if let Some(polling) = polling {
            polling.suspend();
        }
    }

    /// Ends the call, if [`begin_if`](Self::begin_if) found it enabled.
    pub(crate) fn end_if(polling: Option<Self>, verdict: &Verdict<'_>) {
        if let Some(polling) = polling {
            polling.end(verdict);
        }
    }

    /// Suspends the call until the next poll.
    #[inline(always)]
    pub(crate) fn suspend(mut self) {
        self.returned = true;
        self.suspended.pull();
        self.suspended.mark_begun();
        context::set_just_reported(false);
    }

    /// Ends the call with the verdict on its value.
    #[inline(always)]
    pub(crate) fn end(mut self, verdict: &Verdict<'_>) {
        let is_facade = self.suspended.has_facade_span();
        self.disarm();
        if is_facade {
            keep_span(self.suspended, self.drop_guard);
        }
        end::returned(verdict);
    }

    /// Ends the call without a value.
    pub(crate) fn end_without_value(mut self, outcome: Outcome) {
        self.disarm();
        end::ended_without_value(outcome);
    }

    #[inline(always)]
    fn disarm(&mut self) {
        self.returned = true;
        self.drop_guard.disarm();
        self.suspended.disarm();
    }
}

impl Drop for Polling<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.returned {
            unwound(self.suspended, self.drop_guard);
        }
    }
}

/// Keeps the application's span until the future is dropped. This function and the next do not take the `Polling` itself, so
/// that it need not be stored in memory and stays in registers.
#[cold]
#[inline(never)]
fn keep_span(suspended: &mut SuspendedCall, drop_guard: &mut DropGuard) {
    let is_facade = context::with(|stack| {
        let top = stack.top();
        top.is_some_and(|top| top.flags.get() & frame::FACADE != 0)
    });
    if is_facade && let Some(span) = facade_span() {
        suspended.keep(span);
        drop_guard.leave_again();
    }
}

/// Ends a call whose poll unwinds.
#[cold]
#[inline(never)]
fn unwound(suspended: &mut SuspendedCall, drop_guard: &mut DropGuard) {
    drop_guard.disarm();
    suspended.disarm();
    keep_span(suspended, drop_guard);
    end::ended_without_value(Outcome::Panicked);
}
