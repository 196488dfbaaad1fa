//! The stack of calls that run on this thread. Each annotated call or foreign span has a frame.
//!
//! A frame is on the stack while its body runs or its future is polled, so the context moves with the task: a thread that
//! polls another task sees only the calls of that task.

use crate::collect::trace::frame::{self, Frame, FrameData, Source};
use crate::collect::trace::thread_state;
use crate::model::ids::Ids;
use crate::model::record::Place;
use crate::model::site::Site;
use std::cell::Cell;
use tracing::Metadata;

/// Number of frames in the thread-local window. Deeper stacks spill their outermost frames to the heap.
pub(super) const WINDOW: usize = 64;

/// A thread's stack. It has no destructor, so that access to the thread-local is one instruction relative to a segment
/// register, without a check for initialization.
pub(crate) struct Stack {
    depth: Cell<usize>,
    frames: [Frame; WINDOW],
    /// Whether the call that ended last reported its error, and no annotated call has begun since.
    pub(crate) reported: Cell<bool>,
    /// Whether this thread's request has state in `thread_state`.
    pub(crate) scoped: Cell<bool>,
}

thread_local! {
    static STACK: Stack = const {
        Stack {
            depth: Cell::new(0),
            frames: [const { Frame::new() }; WINDOW],
            reported: Cell::new(false),
            scoped: Cell::new(false),
        }
    };
}

/// Runs `then` on this thread's stack.
#[inline(always)]
pub(crate) fn with<R>(then: impl FnOnce(&Stack) -> R) -> R {
    STACK.with(then)
}

impl Stack {
    /// Returns the number of frames.
    #[inline(always)]
    pub(crate) fn depth(&self) -> usize {
        self.depth.get()
    }

    /// Returns the innermost frame.
    #[inline(always)]
    pub(crate) fn top(&self) -> Option<&Frame> {
        let above = self.depth.get().checked_sub(1)?;
        Some(&self.frames[above % WINDOW])
    }

    /// Pushes a frame, which has the values of an earlier one until they are set.
    #[inline(always)]
    pub(crate) fn push(&self) -> &Frame {
        let depth = self.depth.get();
        let frame = &self.frames[depth % WINDOW];
        if depth >= WINDOW {
            thread_state::save(frame);
        }
        self.depth.set(depth + 1);
        self.reported.set(false);
        frame
    }

    /// Pushes a frame if the window has room, without a call to another function. Returns `None` and pushes nothing if the
    /// stack has to spill.
    #[inline(always)]
    pub(crate) fn push_fast(&self) -> Option<&Frame> {
        let depth = self.depth.get();
        let frame = self.frames.get(depth)?;
        self.depth.set(depth + 1);
        self.reported.set(false);
        Some(frame)
    }

    /// Returns the innermost frame and the depth below it, to be passed to [`truncate`](Self::truncate). Returns `None` if
    /// removing the frame would have to restore a spilled one.
    #[inline(always)]
    pub(crate) fn top_fast(&self) -> Option<(&Frame, usize)> {
        let below = self.depth.get().wrapping_sub(1);
        Some((self.frames.get(below)?, below))
    }

    /// Removes the top frame, with the depth from [`top_fast`](Self::top_fast).
    #[inline(always)]
    pub(crate) fn truncate(&self, depth: usize) {
        self.depth.set(depth);
    }

    /// Removes the top frame.
    #[inline(always)]
    pub(crate) fn pop(&self) {
        let depth = self.depth.get().saturating_sub(1);
        self.depth.set(depth);
        if depth >= WINDOW {
            thread_state::restore(&self.frames[depth % WINDOW]);
        }
    }

    /// Removes frames of foreign spans above the innermost annotated call, before that is suspended or ended. They remain if
    /// their guard was forgotten, or is held across an await.
    #[inline(always)]
    pub(crate) fn pop_foreign(&self) {
        while self
            .top()
            .is_some_and(|top| matches!(top.source.get(), Source::Foreign(_)))
        {
            self.pop();
        }
    }

    /// Returns the frames in the window, innermost first.
    fn window(&self) -> impl Iterator<Item = &Frame> {
        let depth = self.depth.get();
        (depth.saturating_sub(WINDOW)..depth)
            .rev()
            .map(|at| &self.frames[at % WINDOW])
    }

    /// Returns the innermost frame that has a span.
    #[inline(always)]
    pub(crate) fn spanned(&self) -> Option<&Frame> {
        let top = self.top()?;
        if top.has_span() {
            return Some(top);
        }
        self.window().find(|frame| frame.has_span())
    }
}

/// Returns the innermost span's ids; zero outside any span.
pub(crate) fn current() -> Ids {
    with(|stack| stack.spanned().map_or_else(Ids::default, Frame::ids))
}

/// Returns the flags of the innermost span's frame.
pub(crate) fn current_flags() -> u32 {
    with(|stack| stack.spanned().map_or(0, |frame| frame.flags.get()))
}

/// Returns this thread's place in a trace.
pub(crate) fn place() -> Place {
    let (current, flags) = (current(), current_flags());
    Place {
        trace: current.trace_id(),
        span: current.span,
        recorded: flags & frame::RECORDED != 0,
        sampled: flags & frame::SAMPLED != 0,
    }
}

/// Returns the number of frames on this thread.
pub(crate) fn depth() -> usize {
    with(Stack::depth)
}

/// Returns the running annotated calls, outermost first. Only the innermost 64 frames are considered.
pub(crate) fn sites() -> Vec<&'static Site> {
    let mut sites: Vec<_> = with(|stack| {
        let site = |frame: &Frame| match frame.source.get() {
            Source::Site(site) => Some(site),
            _ => None,
        };
        stack.window().filter_map(site).collect()
    });
    sites.reverse();
    sites
}

/// Returns the site of the innermost annotated call.
pub(crate) fn top_site() -> Option<&'static Site> {
    with(|stack| {
        stack.window().find_map(|frame| match frame.source.get() {
            Source::Site(site) => Some(site),
            _ => None,
        })
    })
}

/// Returns the metadata of the innermost span.
pub(crate) fn current_metadata() -> Option<&'static Metadata<'static>> {
    with(|stack| match stack.spanned()?.source.get() {
        Source::Site(site) => Some(site.metadata()),
        Source::Foreign(metadata) => Some(metadata),
        Source::Scope => None,
    })
}

/// Pushes a frame.
#[inline]
pub(crate) fn push(data: FrameData) {
    with(|stack| stack.push().set(data));
}

/// Removes the top frame.
#[inline]
pub(crate) fn pop() {
    with(Stack::pop);
}

/// Removes the innermost frame of this foreign span. It need not be the top frame, because foreign spans may be exited out
/// of order.
pub(crate) fn remove(span: u64) {
    with(|stack| {
        let depth = stack.depth.get();
        let at = (depth.saturating_sub(WINDOW)..depth)
            .rev()
            .find(|at| stack.frames[at % WINDOW].is_foreign(span));
        let Some(at) = at else { return };
        for above in at..depth - 1 {
            let next = stack.frames[(above + 1) % WINDOW].data();
            stack.frames[above % WINDOW].set(next);
        }
        stack.pop();
    });
}

/// Returns the frames in the window, outermost first, to be pushed on another thread.
pub(crate) fn frames() -> Vec<FrameData> {
    let mut frames: Vec<_> = with(|stack| stack.window().map(Frame::data).collect());
    frames.reverse();
    frames
}

/// Returns whether the call that ended last reported its error, and no annotated call has begun since.
pub(crate) fn just_reported() -> bool {
    with(|stack| stack.reported.get())
}

pub(crate) fn set_just_reported(reported: bool) {
    with(|stack| stack.reported.set(reported));
}
