//! Running a call's body.

use super::call::Call;
use super::end;
use crate::facade;
use crate::model::fault::Verdict;
use crate::model::outcome::Outcome;
use crate::model::scope::Scope;
use crate::trace::context::{self, FrameData, Ids, Source, frame};
use crate::trace::spill;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tracing::Span;

/// Ends the call when its body unwinds, if anybody listens.
struct Unwound(u32);

impl Drop for Unwound {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0 != 0 {
            end::ended_without_value(Outcome::Panicked);
        }
    }
}

#[inline(always)]
fn end(verdict: &Verdict<'_>) {
    match verdict {
        Verdict::Ok => end::returned_ok(),
        Verdict::Error(_) => end::returned_error(verdict),
    }
}

/// Runs the body of a function. The arguments are the body's parameters, so that they are dropped as a function's are.
#[inline(always)]
pub fn run<A, R>(
    call: Call,
    args: A,
    body: impl FnOnce(A) -> R,
    look: impl FnOnce(&R) -> Verdict<'_>,
) -> R {
    // One call of the body, whether or not anybody listens: two would be inlined twice.
    let unwound = Unwound(call.listen);
    let out = body(args);
    std::mem::forget(unwound);
    if call.listen != 0 {
        end(&look(&out));
    }
    out
}

/// Measures until it is dropped; for bodies whose result cannot be looked at.
#[must_use = "the call ends when this is dropped"]
#[derive(Debug)]
pub struct Guard(bool);

impl Call {
    /// Measures the call until the guard is dropped.
    #[inline(always)]
    pub fn guard(self) -> Guard {
        Guard(self.listen != 0)
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0 {
            drop_guard();
        }
    }
}

#[inline(never)]
fn drop_guard() {
    if std::thread::panicking() {
        end::ended_without_value(Outcome::Panicked);
    } else {
        end::returned_ok();
    }
}

/// The call's span, off the stack.
enum SpanState {
    Own(Ids),
    Facade(Span),
}

/// A call that is not on the stack: the part of a future that is not the body's. Dropped before the future is, so that
/// a future dropped unfinished drops what it holds within its call.
pub(super) struct Opening {
    source: Source,
    start: u64,
    span: SpanState,
    /// Zero: nobody listens, or the call has ended.
    listen: u32,
    flags: u32,
    rest: Option<Box<Rest>>,
}

/// What few calls have.
#[derive(Default)]
struct Rest {
    metric: Option<&'static crate::model::series::Series>,
    /// The scope of a request whose outermost call waits for its next poll.
    scope: Option<Arc<Scope>>,
}

/// Dropped after the future.
#[derive(Default)]
pub(super) struct Closing {
    /// The call has begun and not ended.
    armed: bool,
}

impl Opening {
    /// Takes the call that has just begun off the stack.
    #[inline]
    pub(super) fn take(call: Call) -> Self {
        let mut opening = Self {
            source: Source::Scope,
            start: 0,
            span: SpanState::Own(Ids::default()),
            listen: 0,
            flags: 0,
            rest: None,
        };
        if call.listen != 0 {
            opening.pull();
        }
        opening
    }

    #[inline(always)]
    pub(super) fn is_quiet(&self) -> bool {
        self.listen == 0
    }

    /// Puts the call on top of the stack.
    #[inline(never)]
    fn push(&mut self) {
        let ids = match &mut self.span {
            SpanState::Own(ids) => *ids,
            SpanState::Facade(span) => {
                let span = std::mem::replace(span, Span::none());
                facade::spans::enter(&span);
                spill::push_span(span);
                Ids::default()
            }
        };
        context::push(FrameData {
            source: self.source,
            start: self.start,
            ids,
            listen: self.listen,
            flags: self.flags | frame::BEGUN,
            metric: self.rest.as_ref().and_then(|rest| rest.metric),
        });
        if let Some(rest) = &mut self.rest
            && let Some(scope) = rest.scope.take()
        {
            spill::swap_scope(Some(scope));
        }
    }

    /// Takes it off again.
    #[inline(never)]
    fn pull(&mut self) {
        let top = context::with(|stack| {
            stack.uncover();
            stack.top().map(context::Frame::data)
        });
        let Some(data) = top else {
            return;
        };
        self.source = data.source;
        self.start = data.start;
        self.listen = data.listen;
        self.flags = data.flags;
        if data.metric.is_some() {
            self.rest.get_or_insert_default().metric = data.metric;
        }
        self.span = if data.flags & frame::FACADE == 0 {
            SpanState::Own(data.ids)
        } else {
            let span = spill::pop_span();
            facade::spans::exit(&span);
            SpanState::Facade(span)
        };
        context::pop();
        if context::depth() == 0 && context::with(|stack| stack.scoped.get()) {
            // The outermost call of a request takes the request's scope with it.
            self.rest.get_or_insert_default().scope = spill::swap_scope(None);
        }
    }

    fn data(&self) -> FrameData {
        FrameData {
            source: self.source,
            start: self.start,
            ids: match &self.span {
                SpanState::Own(ids) => *ids,
                SpanState::Facade(_) => Ids::default(),
            },
            listen: self.listen,
            flags: self.flags,
            metric: None,
        }
    }

    /// The call has ended on the stack.
    fn disarm(&mut self) {
        self.listen = 0;
    }

    #[cold]
    #[inline(never)]
    fn dropped(&mut self) {
        if self.flags & frame::BEGUN == 0 {
            end::discard(&self.data());
        } else {
            self.push();
        }
    }
}

impl Drop for Opening {
    #[inline(always)]
    fn drop(&mut self) {
        if self.listen != 0 {
            self.dropped();
        }
    }
}

impl Drop for Closing {
    #[inline(always)]
    fn drop(&mut self) {
        if self.armed {
            dropped();
        }
    }
}

#[cold]
#[inline(never)]
fn dropped() {
    end::ended_without_value(if std::thread::panicking() {
        Outcome::Panicked
    } else {
        Outcome::Cancelled
    });
}

/// One poll of a future or stream: its call is on top until the poll returns or unwinds.
pub(super) struct Polling<'a> {
    opening: &'a mut Opening,
    closing: &'a mut Closing,
    /// The poll did not unwind.
    returned: bool,
}

impl<'a> Polling<'a> {
    #[inline(always)]
    pub(super) fn begin(opening: &'a mut Opening, closing: &'a mut Closing) -> Self {
        opening.push();
        closing.armed = true;
        Self {
            opening,
            closing,
            returned: false,
        }
    }

    /// It will be polled again.
    #[inline(always)]
    pub(super) fn suspend(mut self) {
        self.returned = true;
        self.opening.pull();
        context::set_just_reported(false);
    }

    /// It has ended.
    #[inline(always)]
    pub(super) fn end(mut self, verdict: &Verdict<'_>) {
        self.disarm();
        end(verdict);
    }

    #[inline(always)]
    fn disarm(&mut self) {
        self.returned = true;
        self.closing.armed = false;
        self.opening.disarm();
    }
}

impl Drop for Polling<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.returned {
            self.disarm();
            end::ended_without_value(Outcome::Panicked);
        }
    }
}

pin_project_lite::pin_project! {
    /// The future of an annotated call.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Observed<F, L> {
        // The order of the fields is the order of their drops.
        opening: Opening,
        #[pin]
        future: F,
        look: Option<L>,
        closing: Closing,
    }
}

impl<F, L> std::fmt::Debug for Observed<F, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observed").finish_non_exhaustive()
    }
}

/// Runs the body of an async function.
#[inline(always)]
pub fn run_async<F, L>(call: Call, future: F, look: L) -> Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    Observed {
        opening: Opening::take(call),
        future,
        look: Some(look),
        closing: Closing::default(),
    }
}

impl<F, L> Future for Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if this.opening.is_quiet() {
            return this.future.poll(cx);
        }
        let polling = Polling::begin(this.opening, this.closing);
        match this.future.poll(cx) {
            Poll::Pending => {
                polling.suspend();
                Poll::Pending
            }
            Poll::Ready(out) => {
                let verdict = this.look.take().map_or(Verdict::Ok, |look| look(&out));
                polling.end(&verdict);
                Poll::Ready(out)
            }
        }
    }
}

/// Runs a function that returns a future: what it does at once and the future are one call.
#[inline]
pub fn run_future<A, F, L>(
    call: Call,
    args: A,
    body: impl FnOnce(A) -> F,
    look: L,
) -> Observed<F, L>
where
    F: Future,
    L: FnOnce(&F::Output) -> Verdict<'_>,
{
    let future = eagerly(&call, args, body);
    run_async(call, future, look)
}

/// The part of a body that runs before its future is polled. Its unwinding ends the call.
#[inline]
pub(super) fn eagerly<A, T>(call: &Call, args: A, body: impl FnOnce(A) -> T) -> T {
    let unwound = Unwound(call.listen);
    let out = body(args);
    std::mem::forget(unwound);
    out
}
