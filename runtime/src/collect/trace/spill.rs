//! What a thread's stack has that needs a destructor: frames beyond the window, spans of the application, the request's
//! scope, a test's tap, values of a failed call.

use super::context::{self, Frame, FrameData};
use super::fields::Fields;
use crate::base::reentry;
use crate::collect::capture::Tap;
use crate::model::scope::Scope;
use std::cell::RefCell;
use std::sync::Arc;
use tracing::Span;

/// What goes with a request from thread to thread.
#[derive(Clone, Default)]
pub(crate) struct Request {
    pub(crate) scope: Option<Arc<Scope>>,
    /// Text of the error reported last. Beside the scope, so that a report makes none.
    pub(crate) last_report: Option<Arc<str>>,
}

impl Request {
    fn is_empty(&self) -> bool {
        self.scope.is_none() && self.last_report.is_none()
    }
}

#[derive(Default)]
struct Spill {
    frames: RefCell<Vec<FrameData>>,
    spans: RefCell<Vec<Span>>,
    request: RefCell<Request>,
    tap: RefCell<Option<Arc<dyn Tap>>>,
    failed: RefCell<Option<(u64, Fields)>>,
}

thread_local! {
    static SPILL: Spill = const {
        Spill {
            frames: RefCell::new(Vec::new()),
            spans: RefCell::new(Vec::new()),
            request: RefCell::new(Request {
                scope: None,
                last_report: None,
            }),
            tap: RefCell::new(None),
            failed: RefCell::new(None),
        }
    };
}

/// Runs `then` on a part; `None` on a thread that is ending, or where the part is in use.
fn part<T, R>(of: fn(&Spill) -> &RefCell<T>, then: impl FnOnce(&mut T) -> R) -> Option<R> {
    let run = |spill: &Spill| {
        of(spill)
            .try_borrow_mut()
            .ok()
            .map(|mut part| then(&mut part))
    };
    SPILL.try_with(run).ok().flatten()
}

/// Keeps a frame whose place in the window is needed.
#[cold]
pub(super) fn save(frame: &Frame) {
    let data = frame.data();
    part(|spill| &spill.frames, |frames| frames.push(data));
}

/// Puts it back.
#[cold]
pub(super) fn restore(frame: &Frame) {
    let data = part(|spill| &spill.frames, Vec::pop).flatten();
    frame.set(data.unwrap_or(FrameData::EMPTY));
}

/// Keeps the application's span of the call that begins; hands it back on a thread that is ending.
pub(crate) fn push_span(span: Span) -> Option<Span> {
    let _mark = reentry::mark();
    let mut span = Some(span);
    part(|spill| &spill.spans, |spans| spans.extend(span.take()));
    span
}

/// The span of the call that ends.
pub(crate) fn pop_span() -> Span {
    let span = part(|spill| &spill.spans, Vec::pop).flatten();
    span.unwrap_or_else(Span::none)
}

/// Puts what goes with a request on this thread; returns what was there before.
pub(crate) fn swap_request(request: Request) -> Request {
    context::with(|stack| stack.scoped.set(!request.is_empty()));
    let swap = |old: &mut Request| std::mem::replace(old, request);
    part(|spill| &spill.request, swap).unwrap_or_default()
}

/// Puts a scope on this thread; returns the one before.
pub(crate) fn swap_scope(scope: Option<Arc<Scope>>) -> Option<Arc<Scope>> {
    change_request(|request| std::mem::replace(&mut request.scope, scope))
}

/// Notes the text of an error that has been reported.
pub(super) fn set_last_report(text: &Arc<str>) {
    change_request(|request| request.last_report = Some(Arc::clone(text)));
}

fn change_request<R: Default>(change: impl FnOnce(&mut Request) -> R) -> R {
    let change = |request: &mut Request| (change(request), !request.is_empty());
    let (out, scoped) = part(|spill| &spill.request, change).unwrap_or_default();
    context::with(|stack| stack.scoped.set(scoped));
    out
}

/// What goes with this thread's request, by `get`; `None` where nothing does.
pub(crate) fn of_request<R>(get: impl FnOnce(&Request) -> R) -> Option<R> {
    if !context::with(|stack| stack.scoped.get()) {
        return None;
    }
    part(|spill| &spill.request, |request| get(request))
}

/// The scope of this thread's request.
pub(crate) fn scope() -> Option<Arc<Scope>> {
    of_request(|request| request.scope.clone()).flatten()
}

/// Puts a tap on this thread; returns the one before.
pub(crate) fn swap_tap(tap: Option<Arc<dyn Tap>>) -> Option<Arc<dyn Tap>> {
    part(|spill| &spill.tap, |old| std::mem::replace(old, tap)).flatten()
}

/// The tap of this thread.
pub(crate) fn tap() -> Option<Arc<dyn Tap>> {
    part(|spill| &spill.tap, |tap| tap.clone()).flatten()
}

/// Leaves the values of a call that has failed, told by its beginning, to its report.
pub(crate) fn leave_values(start: u64, values: Fields) {
    part(|spill| &spill.failed, |old| *old = Some((start, values)));
}

/// The values of the call that began then, where it left some.
pub(crate) fn take_values(start: u64) -> Option<Fields> {
    let (of, values) = part(|spill| &spill.failed, Option::take).flatten()?;
    (of == start).then_some(values)
}
