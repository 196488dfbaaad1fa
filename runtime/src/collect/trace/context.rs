//! What runs on this thread: a stack of frames, one an annotated call or foreign span.
//!
//! A frame is here while its body runs or its future is polled. So the context follows the task: a thread that polls
//! another task sees that task's calls only.

use crate::collect::trace::frame::{self, Frame, FrameData, Source};
use crate::collect::trace::thread_state;
use crate::model::ids::Ids;
use crate::model::record::Place;
use crate::model::site::Site;
use std::cell::Cell;
use tracing::Metadata;

/// Frames kept where they are reached at once; deeper stacks thread_state their outermost frames to the heap.
pub(super) const WINDOW: usize = 64;

/// Without a destructor, so that reaching it costs no more than a segment register.
pub(crate) struct Stack {
    depth: Cell<usize>,
    frames: [Frame; WINDOW],
    /// An error was reported by the call that has just ended, and nothing annotated has run since.
    pub(crate) reported: Cell<bool>,
    /// This thread's request has a scope.
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

#[inline(always)]
pub(crate) fn with<R>(then: impl FnOnce(&Stack) -> R) -> R {
    STACK.with(then)
}

impl Stack {
    /// How many frames there are.
    #[inline(always)]
    pub(crate) fn depth(&self) -> usize {
        self.depth.get()
    }

    /// The innermost frame, if there is one.
    #[inline(always)]
    pub(crate) fn top(&self) -> Option<&Frame> {
        let above = self.depth.get().checked_sub(1)?;
        Some(&self.frames[above % WINDOW])
    }

    /// A frame on top, with the values of whatever was there before.
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

    /// The same where it takes no spilling; nothing is taken where it does.
    #[inline(always)]
    pub(crate) fn push_within(&self) -> Option<&Frame> {
        let depth = self.depth.get();
        let frame = self.frames.get(depth)?;
        self.depth.set(depth + 1);
        self.reported.set(false);
        Some(frame)
    }

    /// The innermost frame and what remains when it is taken away with [`cut`](Self::cut), where that takes no
    /// restoring.
    #[inline(always)]
    pub(crate) fn top_within(&self) -> Option<(&Frame, usize)> {
        let below = self.depth.get().wrapping_sub(1);
        Some((self.frames.get(below)?, below))
    }

    /// Takes the top frame away, as [`top_within`](Self::top_within) said.
    #[inline(always)]
    pub(crate) fn cut(&self, depth: usize) {
        self.depth.set(depth);
    }

    /// Takes the top frame away.
    #[inline(always)]
    pub(crate) fn pop(&self) {
        let depth = self.depth.get().saturating_sub(1);
        self.depth.set(depth);
        if depth >= WINDOW {
            thread_state::restore(&self.frames[depth % WINDOW]);
        }
    }

    /// Takes away what foreign spans left above the innermost annotated call, which is to be suspended or ended: a
    /// guard of theirs was forgotten, or is held across an await.
    #[inline(always)]
    pub(crate) fn uncover(&self) {
        while self
            .top()
            .is_some_and(|top| matches!(top.source.get(), Source::Foreign(_)))
        {
            self.pop();
        }
    }

    /// The frames in reach, innermost first.
    fn window(&self) -> impl Iterator<Item = &Frame> {
        let depth = self.depth.get();
        (depth.saturating_sub(WINDOW)..depth)
            .rev()
            .map(|at| &self.frames[at % WINDOW])
    }

    /// The innermost frame that has a span.
    #[inline(always)]
    pub(crate) fn spanned(&self) -> Option<&Frame> {
        let top = self.top()?;
        if top.has_span() {
            return Some(top);
        }
        self.window().find(|frame| frame.has_span())
    }
}

/// The innermost span's ids; zero outside.
pub(crate) fn current() -> Ids {
    with(|stack| stack.spanned().map_or_else(Ids::default, Frame::ids))
}

/// The innermost span's flags.
pub(crate) fn current_flags() -> u32 {
    with(|stack| stack.spanned().map_or(0, |frame| frame.flags.get()))
}

/// Where in a trace this thread is.
pub(crate) fn place() -> Place {
    let (current, flags) = (current(), current_flags());
    Place {
        trace: current.trace_id(),
        span: current.span,
        recorded: flags & frame::RECORDED != 0,
        sampled: flags & frame::SAMPLED != 0,
    }
}

/// Frames around.
pub(crate) fn depth() -> usize {
    with(Stack::depth)
}

/// The annotated calls that run, outermost first; the innermost 64 of them.
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

/// The innermost annotated call.
pub(crate) fn top_site() -> Option<&'static Site> {
    with(|stack| {
        stack.window().find_map(|frame| match frame.source.get() {
            Source::Site(site) => Some(site),
            _ => None,
        })
    })
}

/// The metadata of the innermost span.
pub(crate) fn current_metadata() -> Option<&'static Metadata<'static>> {
    with(|stack| match stack.spanned()?.source.get() {
        Source::Site(site) => Some(site.metadata()),
        Source::Foreign(metadata) => Some(metadata),
        Source::Scope => None,
    })
}

/// Puts a frame on top.
#[inline]
pub(crate) fn push(data: FrameData) {
    with(|stack| stack.push().set(data));
}

/// Takes the top frame away.
#[inline]
pub(crate) fn pop() {
    with(Stack::pop);
}

/// Takes the innermost frame that is this span's away, wherever it is: foreign spans may be left out of order.
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

/// All frames in reach, outermost first, to be put on another thread.
pub(crate) fn frames() -> Vec<FrameData> {
    let mut frames: Vec<_> = with(|stack| stack.window().map(Frame::data).collect());
    frames.reverse();
    frames
}

/// Whether the call that has just ended reported its error.
pub(crate) fn just_reported() -> bool {
    with(|stack| stack.reported.get())
}

pub(crate) fn set_just_reported(reported: bool) {
    with(|stack| stack.reported.set(reported));
}
