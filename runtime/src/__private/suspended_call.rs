//! Calls that are not on the stack: those of futures and streams between two polls.

use super::call::Call;
use super::end;
use crate::collect::facade;
use crate::collect::trace::frame::{self, FrameData, Source};
use crate::collect::trace::{context, scope, thread_state};
use crate::model::ids::Ids;
use crate::model::outcome::Outcome;
use crate::model::site::Site;
use crate::model::spec::{flag, listen};
use tracing::Span;

/// A call that is not on the stack: the part of a future that is not the body's. Dropped before the future is, so that
/// a future dropped unfinished drops what it holds within its call.
pub(crate) struct SuspendedCall {
    /// None: the call is on the stack since it began, or nobody listened.
    site: Option<&'static Site>,
    start: u64,
    /// Its span, if it is ours.
    ids: Ids,
    /// Zero: nobody listens, or the call has ended.
    listen: Listen,
    flags: Flags,
    rest: Option<Box<Rest>>,
}

/// A frame's bits. Of different widths, so that the two are not moved as one: a load that is wider than the stores
/// before it waits for them.
type Listen = u16;
type Flags = u8;

/// What few calls have.
#[derive(Default)]
struct Rest {
    /// Its span, if it is of the application's subscriber.
    span: Option<Span>,
    metric: Option<&'static crate::model::site::Series>,
    /// What goes with a request whose outermost call waits for its next poll.
    request: Option<thread_state::Request>,
}

/// Dropped after the future. One byte: two would be loaded as one, which waits for the stores to both.
#[derive(Default)]
pub(crate) struct DropGuard(After);

/// What is left to do when a future has been dropped.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum After {
    #[default]
    Nothing,
    /// The call has begun and not ended.
    End,
    /// The span of the call, which has ended, was entered once more.
    Leave,
}

impl DropGuard {
    #[inline(always)]
    pub(super) fn arm(&mut self) {
        self.0 = After::End;
    }

    #[inline(always)]
    pub(super) fn disarm(&mut self) {
        self.0 = After::Nothing;
    }

    pub(super) fn leave_again(&mut self) {
        self.0 = After::Leave;
    }
}

impl SuspendedCall {
    /// Takes the call that has just begun off the stack.
    #[inline(always)]
    pub(crate) fn take(call: Call) -> Self {
        if call.into_listen() == 0 {
            Self::new(0)
        } else {
            Self::taken()
        }
    }

    #[inline(always)]
    const fn new(listen: Listen) -> Self {
        Self {
            site: None,
            start: 0,
            ids: Ids::NONE,
            listen,
            flags: 0,
            rest: None,
        }
    }

    /// Leaves the call that has just begun on the stack: its first poll follows at once.
    #[inline(always)]
    pub(super) fn left(call: Call) -> Self {
        Self::new(call.into_listen() as Listen)
    }

    /// Whether the call is on the stack before its first poll.
    #[inline(always)]
    pub(super) fn is_left(&self) -> bool {
        self.site.is_none()
    }

    #[inline(never)]
    fn taken() -> Self {
        let mut opening = Self::new(0);
        opening.pull();
        opening
    }

    /// Of a call nobody listens to.
    pub(crate) const fn quiet() -> Self {
        Self::new(0)
    }

    #[inline(always)]
    pub(crate) fn is_quiet(&self) -> bool {
        self.listen == 0
    }

    /// Puts the call on top of the stack.
    #[inline(never)]
    pub(super) fn push(&mut self) {
        if !context::with(|stack| self.is_pushed(stack)) {
            self.push_more();
        }
    }

    /// The same where that is copying a frame.
    #[inline(always)]
    fn is_pushed(&self, stack: &context::Stack) -> bool {
        let ids = self.ids;
        if self.rest.is_some() {
            return false;
        }
        let Some(frame) = stack.push_within() else {
            return false;
        };
        frame.source.set(self.source());
        frame.start.set(self.start);
        frame.span.set(ids.span);
        if ids.span != 0 {
            frame.set_ids(ids);
        }
        frame.listen.set(self.listen.into());
        frame.flags.set(u32::from(self.flags) | frame::BEGUN);
        frame.metric.set(None);
        true
    }

    #[inline(always)]
    fn source(&self) -> Source {
        self.site.map_or(Source::Scope, Source::Site)
    }

    #[cold]
    #[inline(never)]
    fn push_more(&mut self) {
        let mut flags = u32::from(self.flags);
        if let Some(span) = self.take_span() {
            facade::spans::enter(&span);
            if let Some(span) = thread_state::push_span(span) {
                facade::spans::exit(&span);
                flags &= !frame::FACADE;
            }
        }
        context::push(FrameData {
            source: self.source(),
            start: self.start,
            ids: self.ids,
            listen: self.listen.into(),
            flags: flags | frame::BEGUN,
            metric: self.rest.as_ref().and_then(|rest| rest.metric),
        });
        if let Some(rest) = &mut self.rest
            && let Some(request) = rest.request.take()
        {
            scope::swap_request(request);
        }
    }

    /// Takes it off again.
    #[inline(never)]
    pub(super) fn pull(&mut self) {
        if !context::with(|stack| self.is_pulled(stack)) {
            self.pull_more();
        }
    }

    /// The same where that is copying a frame.
    #[inline(always)]
    fn is_pulled(&mut self, stack: &context::Stack) -> bool {
        let Some((frame, depth)) = stack.top_within() else {
            return false;
        };
        let flags = frame.flags.get();
        if flags & frame::FACADE != 0 || frame.metric.get().is_some() || stack.scoped.get() {
            return false;
        }
        let Source::Site(site) = frame.source.get() else {
            return false;
        };
        if frame.has_span() {
            self.ids = frame.ids();
        }
        self.site = Some(site);
        self.start = frame.start.get();
        self.listen = frame.listen.get() as Listen;
        self.flags = flags as Flags;
        stack.cut(depth);
        true
    }

    #[cold]
    #[inline(never)]
    fn pull_more(&mut self) {
        let top = context::with(|stack| {
            stack.uncover();
            stack.top().map(frame::Frame::data)
        });
        let Some(data) = top else {
            return;
        };
        if let Source::Site(site) = data.source {
            self.site = Some(site);
        }
        self.start = data.start;
        self.listen = data.listen as Listen;
        self.flags = data.flags as Flags;
        if data.metric.is_some() {
            self.rest.get_or_insert_default().metric = data.metric;
        }
        self.ids = data.ids;
        if data.flags & frame::FACADE != 0 {
            let span = thread_state::pop_span();
            facade::spans::exit(&span);
            self.rest.get_or_insert_default().span = Some(span);
        }
        context::pop();
        if context::depth() == 0 && context::with(|stack| stack.scoped.get()) {
            // The outermost call of a request takes what goes with the request along.
            let request = scope::swap_request(thread_state::Request::default());
            self.rest.get_or_insert_default().request = Some(request);
        }
    }

    fn data(&self) -> FrameData {
        FrameData {
            source: self.source(),
            start: self.start,
            ids: self.ids,
            listen: self.listen.into(),
            flags: self.flags.into(),
            metric: None,
        }
    }

    /// The call has ended on the stack.
    pub(super) fn disarm(&mut self) {
        self.listen = 0;
    }

    #[cold]
    #[inline(never)]
    fn dropped(&mut self) {
        if self.listen == 0 {
            return self.enter_again();
        }
        if self.is_left() {
            self.pull();
        }
        if u32::from(self.flags) & frame::BEGUN == 0 {
            end::discard(&self.data());
        } else {
            self.flags |= frame::FAILED as Flags;
            self.push();
        }
    }
}

impl SuspendedCall {
    /// Whether its call may have a span in the application's subscriber.
    #[inline(always)]
    pub(super) fn has_facade_span(&self) -> bool {
        u32::from(self.listen) & listen::FACADE_SPAN != 0
    }

    /// It has been polled.
    #[inline(always)]
    pub(super) fn mark_begun(&mut self) {
        self.flags |= frame::BEGUN as Flags;
    }

    /// Keeps the application's span of a call that has ended, until the future is dropped.
    pub(super) fn keep(&mut self, span: Span) {
        self.rest.get_or_insert_default().span = Some(span);
    }

    fn take_span(&mut self) -> Option<Span> {
        self.rest.as_mut()?.span.take()
    }

    /// The span of a call that has ended: entered while the future is dropped.
    fn enter_again(&mut self) {
        if let Some(span) = self.take_span() {
            facade::spans::enter(&span);
            if let Some(span) = thread_state::push_span(span) {
                facade::spans::exit(&span);
            }
        }
    }
}

impl Drop for SuspendedCall {
    #[inline(always)]
    fn drop(&mut self) {
        if self.listen != 0 || self.rest.is_some() {
            self.dropped();
        }
    }
}

impl Drop for DropGuard {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0 != After::Nothing {
            closed(self.0);
        }
    }
}

#[cold]
#[inline(never)]
fn closed(after: After) {
    if after == After::End {
        dropped();
    } else {
        leave_again();
    }
}

fn leave_again() {
    facade::spans::exit(&thread_state::pop_span());
}

/// The application's span of the call on top of the stack, if `instrument` opened it: `tracing` enters such a span once
/// more when the finished future is dropped, so that what its destructors record has it as their span.
#[cold]
#[inline(never)]
pub(super) fn facade_span() -> Option<Span> {
    let is_drop_in = context::with(|stack| {
        stack.uncover();
        let site = stack.top().map(|top| top.source.get());
        matches!(site, Some(Source::Site(site)) if site.has(flag::DROP_IN))
    });
    is_drop_in.then(|| {
        let span = thread_state::pop_span();
        thread_state::push_span(span.clone());
        span
    })
}

fn dropped() {
    // Also where the thread unwinds: a poll that panics has ended its call, so the panic is somebody else's.
    end::ended_without_value(Outcome::Cancelled);
}
