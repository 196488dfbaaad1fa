//! Per-thread state that needs a destructor: frames beyond the window, spans of the application's subscriber, the request's
//! scope, and values of a failed call. It is separate from the stack, whose thread-local is faster to access without one.

use crate::base::reentry;
use crate::collect::trace::frame::{Frame, FrameData};
use crate::model::fields::Fields;
use crate::model::request::Scope;
use std::cell::RefCell;
use std::sync::Arc;
use tracing::Span;

/// State of a request that moves with it between threads.
#[derive(Clone, Default)]
pub(crate) struct Request {
    pub(crate) scope: Option<Arc<Scope>>,
    /// Text of the last reported error. Outside the scope, so that a report does not create one.
    pub(crate) last_report: Option<Arc<str>>,
}

impl Request {
    pub(super) fn is_empty(&self) -> bool {
        self.scope.is_none() && self.last_report.is_none()
    }
}

#[derive(Default)]
struct ThreadState {
    frames: RefCell<Vec<FrameData>>,
    spans: RefCell<Vec<Span>>,
    request: RefCell<Request>,
    failed: RefCell<Option<(u64, Fields)>>,
}

thread_local! {
    static STATE: ThreadState = const {
        ThreadState {
            frames: RefCell::new(Vec::new()),
            spans: RefCell::new(Vec::new()),
            request: RefCell::new(Request {
                scope: None,
                last_report: None,
            }),
            failed: RefCell::new(None),
        }
    };
}

/// Runs `then` on a part of the state. Returns `None` on a thread that is ending, or if the part is in use.
fn part<T, R>(of: fn(&ThreadState) -> &RefCell<T>, then: impl FnOnce(&mut T) -> R) -> Option<R> {
    let run = |state: &ThreadState| {
        of(state)
            .try_borrow_mut()
            .ok()
            .map(|mut part| then(&mut part))
    };
    STATE.try_with(run).ok().flatten()
}

/// Saves a frame whose slot in the window is reused.
#[cold]
pub(super) fn save(frame: &Frame) {
    let data = frame.data();
    part(|state| &state.frames, |frames| frames.push(data));
}

/// Restores the last saved frame.
#[cold]
pub(super) fn restore(frame: &Frame) {
    let data = part(|state| &state.frames, Vec::pop).flatten();
    frame.set(data.unwrap_or(FrameData::EMPTY));
}

/// Saves the application's span of the call that begins. Returns the span on a thread that is ending.
pub(crate) fn push_span(span: Span) -> Option<Span> {
    let _mark = reentry::mark();
    let mut span = Some(span);
    part(|state| &state.spans, |spans| spans.extend(span.take()));
    span
}

/// Removes and returns the span of the call that ends.
pub(crate) fn pop_span() -> Span {
    let span = part(|state| &state.spans, Vec::pop).flatten();
    span.unwrap_or_else(Span::none)
}

/// Runs `then` on the state of this thread's request. Returns `None` on a thread that is ending.
pub(super) fn request<R>(then: impl FnOnce(&mut Request) -> R) -> Option<R> {
    part(|state| &state.request, then)
}

/// Stores the values of a failed call for its report. The call is identified by its start tick.
pub(crate) fn set_failure_values(start: u64, values: Fields) {
    part(|state| &state.failed, |old| *old = Some((start, values)));
}

/// Removes and returns the values stored for the call with this start tick.
pub(crate) fn take_failure_values(start: u64) -> Option<Fields> {
    let (of, values) = part(|state| &state.failed, Option::take).flatten()?;
    (of == start).then_some(values)
}
