//! Ending of calls.

use crate::base::clock;
use crate::collect::trace::frame::{self, Frame, Source};
use crate::collect::trace::{context, record, scope, thread_state};
use crate::collect::{capture, facade, store};
use crate::model::change::Change;
use crate::model::fault::{ErrorClass, ErrorKind, Verdict};
use crate::model::outcome::Outcome;
use crate::model::site::{ErrorLabel, Series, Site};
use crate::model::span::{Origin, SpanEnd};
use crate::model::spec::{flag, listen};

/// Label and class of an error.
type Error = (&'static str, ErrorClass);
const NO_ERROR: Error = ("", ErrorClass::of(ErrorKind::Expected));

/// Ends the innermost call, which returned a value.
#[inline(always)]
pub(super) fn returned(verdict: &Verdict<'_>) {
    match verdict {
        Verdict::Ok => returned_ok(),
        Verdict::Error(_) => returned_error(verdict),
    }
}

/// Ends the innermost call, which returned a value that is not an error. Rare cases are outlined tail calls, so the hot path
/// saves no registers.
#[inline(never)]
pub(super) fn returned_ok() {
    if !clock::is_fast() {
        return returned_ok_late();
    }
    let end = clock::fast_now();
    context::with(|stack| {
        if !is_measured(stack, end) {
            return returned_ok_at(end);
        }
        stack.reported.set(false);
        if stack.scoped.get() {
            end_scope();
        }
    });
}

/// Ends a call that records only its duration, if its series and cells exist and no frame has to be restored. Otherwise it
/// returns `false` and changes nothing.
#[inline(always)]
fn is_measured(stack: &context::Stack, end: u64) -> bool {
    let Some((frame, depth)) = stack.top_fast() else {
        return false;
    };
    let Source::Site(site) = frame.source.get() else {
        return false;
    };
    if frame.listen.get() != listen::PLAIN {
        return false;
    }
    let Some(series) = site.series.durations[Outcome::Ok as usize].get() else {
        return false;
    };
    let measured = store::record_fast(series, clock::seconds(frame.start.get(), end));
    if measured {
        stack.truncate(depth);
    }
    measured
}

#[cold]
#[inline(never)]
fn returned_ok_late() {
    returned_ok_at(clock::now());
}

#[inline(never)]
fn returned_ok_at(end: u64) {
    let measured = context::with(|stack| {
        let Some((frame, site)) = top(stack) else {
            return false;
        };
        match frame.listen.get() {
            listen::PLAIN => measure(frame, site, Outcome::Ok, end),
            listen::SPANNED => {
                measure(frame, site, Outcome::Ok, end);
                if frame.flags.get() & frame::RECORDED != 0 {
                    close_span(frame, site, Outcome::Ok, NO_ERROR, end);
                }
            }
            _ => return false,
        }
        stack.pop();
        stack.reported.set(false);
        if stack.scoped.get() {
            end_scope();
        }
        true
    });
    if !measured {
        finish(&Verdict::Ok, Outcome::Ok, end);
    }
}

/// Removes the request's state when the outermost call has ended.
#[cold]
#[inline(never)]
fn end_scope() {
    if context::depth() == 0 {
        let request = scope::swap_request(thread_state::Request::default());
        // An annotated allocator may add a breadcrumb for the memory freed here, to a request that ends here again. The nesting
        // limit stops that.
        let _record = crate::base::reentry::record();
        drop(request);
    }
}

/// Ends the innermost call, which returned an error.
#[cold]
#[inline(never)]
fn returned_error(verdict: &Verdict<'_>) {
    finish(verdict, Outcome::Error, clock::now());
}

/// Ends the innermost call without a value.
#[cold]
#[inline(never)]
pub(super) fn ended_without_value(outcome: Outcome) {
    finish(&Verdict::Ok, outcome, clock::now());
}

#[inline(always)]
fn top(stack: &context::Stack) -> Option<(&Frame, &'static Site)> {
    let frame = stack.top()?;
    match frame.source.get() {
        Source::Site(site) => Some((frame, site)),
        _ => None,
    }
}

#[inline(always)]
fn measure(frame: &Frame, site: &'static Site, outcome: Outcome, end: u64) {
    let series = store::series::duration(site, outcome);
    store::record_positive(series, clock::seconds(frame.start.get(), end));
}

#[inline(always)]
fn close_span(frame: &Frame, site: &'static Site, outcome: Outcome, error: Error, end: u64) {
    let ids = frame.ids();
    let record = SpanEnd {
        origin: Origin::Site(site),
        trace: ids.trace,
        span: ids.span,
        parent: ids.parent,
        start: frame.start.get(),
        end,
        outcome,
        error: error.0,
        class: error.1,
        flags: frame.flags.get() as u8,
    };
    if frame.flags.get() & frame::TAPPED == 0 {
        record::end(record);
    } else if let Some(tap) = capture::listening() {
        tap.end(record);
    }
}

/// Ends the innermost call: records metrics and span, reports errors and slow calls, and pops it off the stack.
fn finish(verdict: &Verdict<'_>, outcome: Outcome, end: u64) {
    let fault = match verdict {
        Verdict::Error(fault) => Some(fault),
        Verdict::Ok => None,
    };
    let error = match (fault, outcome) {
        (Some(fault), _) => (fault.label, fault.class),
        (None, Outcome::Panicked) => ("panic", ErrorClass::of(ErrorKind::Fatal)),
        _ => NO_ERROR,
    };
    let ended = context::with(|stack| {
        stack.pop_foreign();
        let (frame, site) = top(stack)?;
        if frame.listen.get() & listen::METRICS != 0 && site.has(flag::TRACED) {
            measure(frame, site, outcome, end);
        }
        if frame.has_span() && frame.flags.get() & frame::RECORDED != 0 {
            close_span(frame, site, outcome, error, end);
        }
        Some((site, frame.data()))
    });
    let Some((site, data)) = ended else { return };
    let seconds = clock::seconds(data.start, end);
    metrics(site, &data, outcome, (error.0, error.1.kind), seconds);
    let values = if site.has(flag::ON_FAILURE) {
        thread_state::take_failure_values(data.start)
    } else {
        None
    };
    let limit = site.slow_seconds();
    if limit > 0.0 && seconds > limit {
        apply(data.listen, store::series::slow(site), Change::Add(1));
        crate::collect::report::slow(site, seconds, limit, values.as_ref());
    }
    let reported = fault
        .is_some_and(|fault| crate::collect::report::returned(site, fault, values.as_ref(), end));
    leave(data.flags & frame::FACADE != 0);
    context::set_just_reported(reported);
}

/// Records the metrics of a call that ends, except those that are already in the store.
fn metrics(
    site: &'static Site,
    data: &frame::FrameData,
    outcome: Outcome,
    error: ErrorLabel,
    seconds: f64,
) {
    let listen = data.listen;
    if site.has(flag::TRACED) {
        if listen & listen::METRICS == 0 {
            apply(
                listen,
                store::series::duration(site, outcome),
                Change::Record(seconds),
            );
        }
        if !error.0.is_empty() {
            apply(listen, store::series::errors(site, error), Change::Add(1));
        }
    }
    if site.has(flag::IN_FLIGHT) {
        // Wrapping addition: subtracts one.
        apply(
            listen,
            store::series::in_flight(site),
            Change::Add(u64::MAX),
        );
    }
    if let Some(metric) = data.metric {
        apply(listen, metric, Change::Record(seconds));
    }
}

/// Pops the innermost call off the stack. With the outermost call, the request's state is removed.
pub(super) fn leave(facade: bool) {
    if facade {
        facade::spans::exit(&thread_state::pop_span());
    }
    context::pop();
    if context::with(|stack| stack.scoped.get()) {
        end_scope();
    }
}

/// Discards a call that never ran: only the number of running calls is decremented.
pub(super) fn discard(data: &frame::FrameData) {
    let Source::Site(site) = data.source else {
        return;
    };
    if site.has(flag::IN_FLIGHT) {
        apply(
            data.listen,
            store::series::in_flight(site),
            Change::Add(u64::MAX),
        );
    }
    let record = SpanEnd {
        origin: Origin::Site(site),
        trace: data.ids.trace,
        span: data.ids.span,
        parent: data.ids.parent,
        start: data.start,
        end: data.start,
        outcome: Outcome::Cancelled,
        error: "",
        class: ErrorClass::UNCLASSIFIED,
        flags: (data.flags | frame::VOID) as u8,
    };
    if data.flags & frame::TAPPED != 0 {
        if let Some(tap) = capture::listening() {
            tap.end(record);
        }
    } else if data.flags & frame::RECORDED != 0 {
        record::end(record);
    }
}

/// Applies a change to a metric, for the receivers of the call.
pub(super) fn apply(listen: u32, series: &'static Series, change: Change) {
    if listen & listen::TEST != 0 {
        if let Some(tap) = capture::listening() {
            tap.metric(series, change);
        }
    } else if listen & listen::METRICS != 0 {
        crate::collect::handle::keep(series, change);
    } else if listen & listen::FACADE_METRICS != 0 {
        facade::metrics::apply(series, change);
    }
}

/// Marks the call on top of the stack as failed, before its `on_failure` values are dropped, which reads them.
#[cold]
#[inline(never)]
pub(super) fn mark_failed() {
    context::with(|stack| {
        stack.pop_foreign();
        if let Some(top) = stack.top() {
            top.flags.set(top.flags.get() | frame::FAILED);
        }
    });
}
