//! Annotated calls, from the first clock read to the last.
//!
//! A running call is a frame on its thread's stack, and the annotated function holds only one word. So the code generated in
//! the function is a load, a branch and two calls.

use super::end;
use crate::collect::facade::spans::{Parent, Remote};
use crate::collect::trace::context::{self, Stack};
use crate::collect::trace::frame::{self, Frame, Source};
use crate::collect::trace::{fields, ids, record, sampling, thread_state};
use crate::collect::{capture, facade};
use crate::model::fault::Verdict;
use crate::model::fields::Fields;
use crate::model::ids::{Ids, split};
use crate::model::outcome::Outcome;
use crate::model::site::Site;
use crate::model::span::{Origin, SpanStart};
use crate::model::spec::listen;
use std::sync::atomic::Ordering::Relaxed;
use tracing::Value;

/// A call that has begun, if it is enabled. Created by [`Site::begin`] and `Recorder::start`. Unwinding before the call ends
/// drops this, which ends the call as panicked, so that no frame remains on the thread's stack.
#[must_use = "a call that is dropped has panicked"]
#[derive(Debug)]
pub struct Call {
    /// The receivers: bits of `listen`. Zero if the call is disabled.
    listen: u32,
}

impl Call {
    #[inline(always)]
    pub(super) const fn new(listen: u32) -> Self {
        Self { listen }
    }

    /// Creates a disabled call, which has no receiver.
    #[inline(always)]
    pub const fn disabled() -> Self {
        Self { listen: 0 }
    }

    /// Returns whether the call has no receiver.
    #[inline(always)]
    pub(crate) fn is_disabled(&self) -> bool {
        self.listen == 0
    }

    /// Returns whether the call has a receiver.
    #[inline(always)]
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.listen != 0
    }

    /// Drops a disabled call without running its destructor.
    #[inline(always)]
    pub fn forget(self) {
        std::mem::forget(self);
    }

    /// Returns the receivers. The call must be ended elsewhere.
    #[inline(always)]
    pub(super) fn into_listen(self) -> u32 {
        let listen = self.listen;
        self.forget();
        listen
    }

    /// Ends an enabled call.
    #[inline(always)]
    pub fn end(self, verdict: &Verdict<'_>) {
        self.forget();
        end::returned(verdict);
    }
}

impl Drop for Call {
    #[inline(always)]
    fn drop(&mut self) {
        if self.listen != 0 {
            end::ended_without_value(Outcome::Panicked);
        }
    }
}

/// Returns the verdict of calls whose return type cannot be an error.
#[inline(always)]
pub fn ok<'a, T: ?Sized>(_: &'a T) -> Verdict<'a> {
    Verdict::Ok
}

impl Site {
    /// Returns the receivers of a call that begins.
    #[inline(always)]
    pub(super) fn listening(&'static self) -> u32 {
        match self.state.load(Relaxed) {
            0 => 0,
            state => listening(self, state),
        }
    }
}

/// Records at the site that the call on top of the stack returns a future which is not measured to its end.
#[cold]
pub(super) fn mark_unmeasured() {
    context::with(|stack| {
        if let Some(Source::Site(site)) = stack.top().map(|top| top.source.get()) {
            site.unmeasured.store(true, Relaxed);
        }
    });
}

/// Returns the receivers of a call that records fields.
#[inline(never)]
fn listening(site: &'static Site, state: u32) -> u32 {
    if state == listen::FACADE_METRICS && !facade::metrics::is_present() {
        return 0;
    }
    listeners(site, state)
}

/// Pushes the frame of a call.
#[inline(always)]
pub(super) fn push<'a>(stack: &'a Stack, site: &'static Site, listen: u32) -> &'a Frame {
    let frame = stack.push();
    fill(frame, site, listen);
    frame
}

/// Initializes the frame of a call, except its start. Ids are valid only if `span` is not zero.
#[inline(always)]
pub(super) fn fill(frame: &Frame, site: &'static Site, listen: u32) {
    frame.source.set(Source::Site(site));
    frame.listen.set(listen);
    frame.flags.set(0);
    frame.metric.set(None);
    frame.span.set(0);
}

/// Returns the receivers of a call on this thread, at this time.
#[inline(always)]
pub(super) fn listeners(site: &'static Site, state: u32) -> u32 {
    if state & (listen::NEW | listen::TEST | listen::FACADE_METRICS) == 0 {
        state
    } else {
        listeners_slow(site, state)
    }
}

#[cold]
#[inline(never)]
fn listeners_slow(site: &'static Site, mut state: u32) -> u32 {
    if crate::base::reentry::is_marked() {
        // An allocator, a subscriber or a recorder that this library has called.
        crate::base::reentry::count_dropped();
        return 0;
    }
    if state & listen::NEW != 0 {
        state = crate::collect::dispatch::decide(site);
    }
    // A capturing test receives all telemetry of its thread, and is the only receiver.
    if state & listen::TEST != 0 {
        if capture::tap().is_some() {
            return listen::TEST;
        }
        state &= !listen::TEST;
    }
    if state & listen::FACADE_METRICS != 0 && !facade::metrics::is_present() {
        state &= !listen::FACADE_METRICS;
    }
    state
}

/// Ids and flags of a span under which another is opened.
type Around = (Ids, u32);

/// Opens a span for the top frame: a child of the innermost span, or the root of a new trace if there is none.
#[inline(always)]
pub(super) fn open_own(stack: &Stack, frame: &Frame, tapped: bool, parent: &Parent) {
    let tapped = u32::from(tapped) * frame::TAPPED;
    let around = match parent {
        Parent::Current => stack
            .spanned()
            .filter(|outer| !std::ptr::eq(*outer, frame))
            .map(|outer| (outer.ids(), outer.flags.get())),
        Parent::Root => None,
        Parent::Of(id) => of(id.as_ref()),
        Parent::Remote(remote) => return open_remote(frame, tapped, remote),
    };
    match around {
        Some((ids, flags)) if flags & frame::TAPPED == tapped => {
            frame.set_ids(Ids {
                trace: ids.trace,
                span: ids::span(),
                parent: ids.span,
            });
            let kept = frame::RECORDED | frame::SAMPLED | frame::TAPPED;
            frame.flags.set(flags & kept);
        }
        _ => {
            let trace = ids::trace();
            open_root(frame, tapped, trace, 0, None);
        }
    }
}

/// Opens the first span of a trace in this process.
#[inline(always)]
fn open_root(frame: &Frame, tapped: u32, trace: u128, parent: u64, sampled: Option<bool>) {
    let name = || match frame.source.get() {
        Source::Site(site) => site.name(),
        _ => "",
    };
    let sampled = match sampled {
        Some(sampled) => sampling::of_parent(sampled),
        None => sampling::of_root(trace, name),
    };
    let recorded = if tapped == 0 { 0 } else { frame::RECORDED };
    frame.set_ids(Ids {
        trace: split(trace),
        span: ids::span(),
        parent,
    });
    frame.flags.set(sampled | recorded | tapped | frame::ROOT);
}

#[cold]
fn open_remote(frame: &Frame, tapped: u32, remote: &Remote) {
    let trace = if remote.trace == 0 {
        ids::trace()
    } else {
        remote.trace
    };
    open_root(frame, tapped, trace, remote.span, remote.sampled);
}

/// Looks up the span given as a parent.
#[cold]
fn of(id: Option<&tracing::span::Id>) -> Option<Around> {
    let span = id?.into_u64();
    let (trace, flags) = crate::collect::subscriber::trace_of(span)?;
    let ids = Ids {
        trace,
        span,
        parent: 0,
    };
    Some((ids, flags & !frame::TAPPED))
}

/// Records the start of a span and its fields.
pub(super) fn record_start(
    site: &'static Site,
    ids: Ids,
    tapped: bool,
    values: &[Option<&dyn Value>],
) {
    let names = site.metadata().fields();
    let start = SpanStart {
        origin: Origin::Site(site),
        trace: ids.trace,
        span: ids.span,
        parent: ids.parent,
        later: false,
    };
    fields::encode(names, values, |bytes| {
        if !tapped {
            record::start(start, bytes);
        } else if let Some(tap) = capture::listening() {
            tap.start(start, Fields::new(names, bytes.to_vec()));
        }
    });
}

/// Records further fields of the call on top of the stack, in the order of their declaration.
pub(crate) fn record_later(site: &'static Site, values: &[Option<&dyn Value>]) {
    record_more(site, values, None);
}

/// Records further fields, and stores the values for the report of the failed call that began at the tick `failed_start`,
/// unless the report gets them from the span.
pub(super) fn record_more(
    site: &'static Site,
    values: &[Option<&dyn Value>],
    failed_start: Option<u64>,
) {
    let top = context::with(|stack| stack.top().map(|top| (top.ids(), top.flags.get())));
    let Some((ids, flags)) = top else { return };
    if flags & frame::FACADE != 0 {
        let span = thread_state::pop_span();
        for (field, value) in site.metadata().fields().iter().zip(values) {
            if let Some(value) = value {
                span.record(&field, *value);
            }
        }
        thread_state::push_span(span);
        return;
    }
    let recorded = flags & frame::RECORDED != 0;
    let tapped = flags & frame::TAPPED != 0;
    // A report gets the fields of its recorded span from the pipeline. A capturing test has no pipeline.
    let failed_start = failed_start.filter(|_| !recorded || tapped);
    if !recorded && failed_start.is_none() {
        return;
    }
    let names = site.metadata().fields();
    let start = SpanStart {
        origin: Origin::Site(site),
        trace: ids.trace,
        span: ids.span,
        parent: ids.parent,
        later: true,
    };
    fields::encode(names, values, |bytes| {
        let values = || Fields::new(names, bytes.to_vec());
        match (recorded, tapped) {
            (false, _) => {}
            (true, false) => record::start(start, bytes),
            (true, true) => capture::listening()
                .into_iter()
                .for_each(|tap| tap.start(start, values())),
        }
        if let Some(start) = failed_start {
            thread_state::set_failure_values(start, values());
        }
    });
}
