//! One poll of a future or stream: its call is on top of the stack meanwhile.

use super::end;
use super::suspended_call::{DropGuard, SuspendedCall, facade_span};
use crate::collect::trace::{context, frame};
use crate::model::fault::Verdict;
use crate::model::outcome::Outcome;

/// One poll of a future or stream: its call is on top until the poll returns or unwinds.
pub(crate) struct Polling<'a> {
    opening: &'a mut SuspendedCall,
    closing: &'a mut DropGuard,
    /// The poll did not unwind.
    returned: bool,
}

impl<'a> Polling<'a> {
    #[inline(always)]
    pub(crate) fn begin(opening: &'a mut SuspendedCall, closing: &'a mut DropGuard) -> Self {
        if !opening.is_left() {
            opening.push();
        }
        closing.arm();
        Self {
            opening,
            closing,
            returned: false,
        }
    }

    /// The same for a call that somebody may listen to.
    pub(crate) fn begin_if(
        opening: &'a mut SuspendedCall,
        closing: &'a mut DropGuard,
    ) -> Option<Self> {
        (!opening.is_quiet()).then(|| Self::begin(opening, closing))
    }

    /// What [`begin_if`](Self::begin_if) began will be polled again.
    pub(crate) fn suspend_if(polling: Option<Self>) {
        if let Some(polling) = polling {
            polling.suspend();
        }
    }

    /// What [`begin_if`](Self::begin_if) began has ended.
    pub(crate) fn end_if(polling: Option<Self>, verdict: &Verdict<'_>) {
        if let Some(polling) = polling {
            polling.end(verdict);
        }
    }

    /// It will be polled again.
    #[inline(always)]
    pub(crate) fn suspend(mut self) {
        self.returned = true;
        self.opening.pull();
        self.opening.mark_begun();
        context::set_just_reported(false);
    }

    /// It has ended.
    #[inline(always)]
    pub(crate) fn end(mut self, verdict: &Verdict<'_>) {
        let is_facade = self.opening.has_facade_span();
        self.disarm();
        if is_facade {
            keep_span(self.opening, self.closing);
        }
        end::returned(verdict);
    }

    /// It has ended without a value.
    pub(crate) fn end_without_value(mut self, outcome: Outcome) {
        self.disarm();
        end::ended_without_value(outcome);
    }

    #[inline(always)]
    fn disarm(&mut self) {
        self.returned = true;
        self.closing.disarm();
        self.opening.disarm();
    }
}

impl Drop for Polling<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.returned {
            unwound(self.opening, self.closing);
        }
    }
}

/// Keeps the application's span until the future is dropped. Like what follows, it is given no `Polling`: that stays in
/// registers.
#[cold]
#[inline(never)]
fn keep_span(opening: &mut SuspendedCall, closing: &mut DropGuard) {
    let is_facade = context::with(|stack| {
        let top = stack.top();
        top.is_some_and(|top| top.flags.get() & frame::FACADE != 0)
    });
    if is_facade && let Some(span) = facade_span() {
        opening.keep(span);
        closing.leave_again();
    }
}

/// Ends a call whose poll unwinds.
#[cold]
#[inline(never)]
fn unwound(opening: &mut SuspendedCall, closing: &mut DropGuard) {
    closing.disarm();
    opening.disarm();
    keep_span(opening, closing);
    end::ended_without_value(Outcome::Panicked);
}
