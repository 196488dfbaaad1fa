//! Suspended calls: those of futures and streams between two polls, which are not on the stack.

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

/// A suspended call, stored in its future. It is dropped before the body's future, and puts the call back on the stack, so
/// that the values of an unfinished future are dropped within its call.
pub(crate) struct SuspendedCall {
    /// `None` if the call has been on the stack since it began, or is disabled.
    site: Option<&'static Site>,
    start: u64,
    /// The ids of its span, if the pipeline or a test receives it.
    ids: Ids,
    /// The receivers. Zero if the call is disabled or has ended.
    listen: Listen,
    flags: Flags,
    rest: Option<Box<Rest>>,
}

/// A frame's bits. The two have different widths, so that the compiler does not merge their moves into one: a load that is
/// wider than the preceding stores cannot be forwarded from them and stalls.
type Listen = u16;
type Flags = u8;

/// State that few calls have.
#[derive(Default)]
struct Rest {
    /// Its span in the application's subscriber.
    span: Option<Span>,
    metric: Option<&'static crate::model::site::Series>,
    /// The state of the request, if its outermost call is the suspended one.
    request: Option<thread_state::Request>,
}

/// Ends the call after the future has been dropped. It is a single byte: two would be loaded as one, which stalls on the
/// stores to both.
#[derive(Default)]
pub(crate) struct DropGuard(After);

/// The action after the future has been dropped.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum After {
    #[default]
    Nothing,
    /// End the call, which has begun and not ended.
    End,
    /// Exit the span of the ended call, which was entered once more for the drop.
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
    /// Suspends a call that has just begun, taking it off the stack.
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

    /// Creates the state of a call that has just begun and stays on the stack, because its first poll follows immediately.
    #[inline(always)]
    pub(super) fn left(call: Call) -> Self {
        Self::new(call.into_listen() as Listen)
    }

    /// Returns whether the call was left on the stack for its first poll.
    #[inline(always)]
    pub(super) fn is_left(&self) -> bool {
        self.site.is_none()
    }

    #[inline(never)]
    fn taken() -> Self {
        let mut suspended = Self::new(0);
        suspended.pull();
        suspended
    }

    /// Creates the state of a disabled call.
    pub(crate) const fn disabled() -> Self {
        Self::new(0)
    }

    /// Returns whether the call has no receiver or has ended.
    #[inline(always)]
    pub(crate) fn is_disabled(&self) -> bool {
        self.listen == 0
    }

    /// Pushes the call on the stack.
    #[inline(never)]
    pub(super) fn push(&mut self) {
        if !context::with(|stack| self.push_fast(stack)) {
            self.push_slow();
        }
    }

    /// Pushes the call if that only copies a frame. Otherwise returns `false`.
    #[inline(always)]
    fn push_fast(&self, stack: &context::Stack) -> bool {
        let ids = self.ids;
        if self.rest.is_some() {
            return false;
        }
        let Some(frame) = stack.push_fast() else {
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
    fn push_slow(&mut self) {
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

    /// Pops the call off the stack.
    #[inline(never)]
    pub(super) fn pull(&mut self) {
        if !context::with(|stack| self.pull_fast(stack)) {
            self.pull_slow();
        }
    }

    /// Pops the call if that only copies a frame. Otherwise returns `false`.
    #[inline(always)]
    fn pull_fast(&mut self, stack: &context::Stack) -> bool {
        let Some((frame, depth)) = stack.top_fast() else {
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
        stack.truncate(depth);
        true
    }

    #[cold]
    #[inline(never)]
    fn pull_slow(&mut self) {
        let top = context::with(|stack| {
            stack.pop_foreign();
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
            // The outermost call of a request carries the request's state.
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

    /// Marks the call as ended.
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
    /// Returns whether the call may have a span in the application's subscriber.
    #[inline(always)]
    pub(super) fn has_facade_span(&self) -> bool {
        u32::from(self.listen) & listen::FACADE_SPAN != 0
    }

    /// Marks the call as polled.
    #[inline(always)]
    pub(super) fn mark_begun(&mut self) {
        self.flags |= frame::BEGUN as Flags;
    }

    /// Keeps the application's span of an ended call, until the future is dropped.
    pub(super) fn keep(&mut self, span: Span) {
        self.rest.get_or_insert_default().span = Some(span);
    }

    fn take_span(&mut self) -> Option<Span> {
        self.rest.as_mut()?.span.take()
    }

    /// Enters the span of an ended call again, while the future is dropped.
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

/// Returns the application's span of the call on top of the stack, if `instrument` opened it. `tracing` enters such a span
/// once more when a finished future is dropped, so that events from its destructors belong to the span.
#[cold]
#[inline(never)]
pub(super) fn facade_span() -> Option<Span> {
    let is_drop_in = context::with(|stack| {
        stack.pop_foreign();
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
    // This is right even if the thread is unwinding: a poll that panics has ended its call, so the panic is from elsewhere.
    end::ended_without_value(Outcome::Cancelled);
}
