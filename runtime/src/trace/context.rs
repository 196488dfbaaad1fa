//! What runs on this thread: the innermost call, and the annotated calls around it.
//!
//! A call is put here while its body runs or its future is polled, and what was here before is put back after. So the
//! context follows the task: a thread that polls another task sees that task's calls only.

use crate::model::scope::Scope;
use crate::model::site::Site;
use crate::tap::Tap;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// Calls of the logical stack that are kept: the outermost ones. Deeper ones are counted by `depth` alone.
pub(crate) const STACK: usize = 64;

/// The innermost call of this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Current {
    /// Halves of the trace id; zero: no trace.
    pub(crate) trace: [u64; 2],
    /// The span; zero: none.
    pub(crate) span: u64,
    /// Annotated calls around.
    pub(crate) depth: u32,
    /// Whether the trace is recorded.
    pub(crate) sampled: bool,
    /// Whether a tap listens.
    pub(crate) tapped: bool,
}

impl Current {
    const NONE: Self = Self {
        trace: [0; 2],
        span: 0,
        depth: 0,
        sampled: false,
        tapped: false,
    };

    /// Outside any call, but with a scope: counts as one frame, so that no call within is the outermost.
    pub(crate) fn scope() -> Self {
        Self {
            depth: 1,
            ..Self::NONE
        }
    }

    pub(crate) fn trace_id(self) -> u128 {
        join(self.trace)
    }
}

pub(crate) const fn join(halves: [u64; 2]) -> u128 {
    ((halves[0] as u128) << 64) | halves[1] as u128
}

pub(crate) const fn split(id: u128) -> [u64; 2] {
    [(id >> 64) as u64, id as u64]
}

/// Without a destructor, so that reaching it costs no more than a segment register.
struct Hot {
    current: Cell<Current>,
    stack: [Cell<Option<&'static Site>>; STACK],
    /// An error was reported by the call that has just ended, and nothing annotated has run since.
    reported: Cell<bool>,
    /// `Cold::scope` is set.
    scoped: Cell<bool>,
}

/// With a destructor.
struct Cold {
    scope: RefCell<Option<Arc<Scope>>>,
    tap: RefCell<Option<Arc<dyn Tap>>>,
}

thread_local! {
    static HOT: Hot = const {
        Hot {
            current: Cell::new(Current::NONE),
            stack: [const { Cell::new(None) }; STACK],
            reported: Cell::new(false),
            scoped: Cell::new(false),
        }
    };
    static COLD: Cold = const {
        Cold { scope: RefCell::new(None), tap: RefCell::new(None) }
    };
}

/// The innermost call.
#[inline(always)]
pub(crate) fn current() -> Current {
    HOT.with(|hot| hot.current.get())
}

/// Puts back what was before.
#[inline(always)]
pub(crate) fn restore(previous: Current) {
    HOT.with(|hot| hot.current.set(previous));
}

/// Puts a call on top that has no span of its own; returns what was before.
#[inline(always)]
pub(crate) fn push(site: &'static Site) -> Current {
    HOT.with(|hot| {
        let previous = hot.current.get();
        hot.place(previous, site);
        hot.current.set(Current {
            depth: previous.depth + 1,
            ..previous
        });
        previous
    })
}

/// Puts a call on top with its span; returns what was before.
#[inline(always)]
pub(crate) fn push_span(
    site: &'static Site,
    trace: [u64; 2],
    span: u64,
    sampled: bool,
    tapped: bool,
) -> Current {
    HOT.with(|hot| {
        let previous = hot.current.get();
        hot.place(previous, site);
        hot.current.set(Current {
            trace,
            span,
            depth: previous.depth + 1,
            sampled,
            tapped,
        });
        previous
    })
}

impl Hot {
    #[inline(always)]
    fn place(&self, previous: Current, site: &'static Site) {
        if let Some(frame) = self.stack.get(previous.depth as usize) {
            frame.set(Some(site));
        }
        self.reported.set(false);
    }
}

/// The annotated calls that run, outermost first.
pub(crate) fn stack() -> Vec<&'static Site> {
    HOT.with(|hot| {
        let depth = (hot.current.get().depth as usize).min(STACK);
        hot.stack[..depth].iter().filter_map(Cell::get).collect()
    })
}

/// The innermost call that is on the stack.
pub(crate) fn top() -> Option<&'static Site> {
    HOT.with(|hot| {
        let depth = (hot.current.get().depth as usize).min(STACK);
        hot.stack[depth.checked_sub(1)?].get()
    })
}

/// Puts a whole stack and its innermost call here; returns what was before.
pub(crate) fn swap_stack(
    current: Current,
    stack: &[&'static Site],
) -> (Current, Vec<&'static Site>) {
    let before = self::stack();
    HOT.with(|hot| {
        for (frame, site) in hot.stack.iter().zip(stack) {
            frame.set(Some(site));
        }
        hot.reported.set(false);
        (hot.current.replace(current), before)
    })
}

/// Makes `current` the innermost call, with the stack as it is.
pub(crate) fn replace(current: Current) -> Current {
    HOT.with(|hot| hot.current.replace(current))
}

/// Whether the call that has just ended reported its error.
pub(crate) fn just_reported() -> bool {
    HOT.with(|hot| hot.reported.get())
}

pub(crate) fn set_just_reported(reported: bool) {
    HOT.with(|hot| hot.reported.set(reported));
}

/// Whether there is a scope on this thread.
#[inline(always)]
pub(crate) fn is_scoped() -> bool {
    HOT.with(|hot| hot.scoped.get())
}

/// Puts a scope here; returns the one before.
pub(crate) fn swap_scope(scope: Option<Arc<Scope>>) -> Option<Arc<Scope>> {
    HOT.with(|hot| hot.scoped.set(scope.is_some()));
    let swap = |cold: &Cold| {
        cold.scope
            .try_borrow_mut()
            .ok()
            .map(|mut s| std::mem::replace(&mut *s, scope))
    };
    COLD.try_with(swap).ok().flatten().flatten()
}

/// The scope of this thread's request.
pub(crate) fn scope() -> Option<Arc<Scope>> {
    if !is_scoped() {
        return None;
    }
    let get = |cold: &Cold| cold.scope.try_borrow().ok().and_then(|s| s.clone());
    COLD.try_with(get).ok().flatten()
}

/// The tap of this thread.
pub(crate) fn tap() -> Option<Arc<dyn Tap>> {
    let get = |cold: &Cold| cold.tap.try_borrow().ok().and_then(|tap| tap.clone());
    COLD.try_with(get).ok().flatten()
}

/// Puts a tap here; returns the one before.
pub(crate) fn swap_tap(tap: Option<Arc<dyn Tap>>) -> Option<Arc<dyn Tap>> {
    let swap = |cold: &Cold| {
        cold.tap
            .try_borrow_mut()
            .ok()
            .map(|mut t| std::mem::replace(&mut *t, tap))
    };
    COLD.try_with(swap).ok().flatten().flatten()
}
