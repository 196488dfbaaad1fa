//! User, tags and breadcrumbs of the request that this thread is serving.

use crate::base::internal_thread::guarded;
use crate::base::reentry::{self, Nested};
use crate::collect::dropped;
use crate::collect::request::{crumb, tag_value};
use crate::collect::trace::context;
use crate::collect::trace::thread_state::{self, Request};
use crate::model::drop_reason::DropReason;
use crate::model::event::EventSite;
use crate::model::fields::Fields;
use crate::model::record::Source;
use crate::model::request::{Scope, User};
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

/// Sets the user on whose behalf the current request is served.
///
/// It applies until the end of the outermost annotated call, across awaits, and to tasks spawned afterwards with `spawn` or
/// [`in_current_call`](crate::InCurrentCall::in_current_call). Outside any annotated call (or [`scope`](crate::scope)) it is
/// ignored and counted as dropped, because it would leak into the next request on the thread.
///
/// ```
/// use instrumental::{User, set_user};
/// set_user(User::id(42).role("contractor"));
/// ```
pub fn set_user(user: User) {
    let Some(_note) = note() else { return };
    change(|scope| scope.user = Some(user));
}

/// Sets a tag of the current request, with the same scope as [`set_user`]. A request has at most 50 tags; keys and values
/// are truncated to 200 bytes each.
///
/// ```
/// instrumental::set_tag("plan", "premium");
/// ```
pub fn set_tag(key: &str, value: impl Display) {
    let Some(_note) = note() else { return };
    // Formatted before the scope is taken, because the value's own code may set a tag as well.
    let value = tag_value(&value);
    change(|scope| scope.set_tag(key, value));
}

/// Adds a breadcrumb to the current request, for the report of an error that may follow. The last 100 breadcrumbs of a
/// request are kept, truncated to 1,024 bytes each.
///
/// ```
/// instrumental::breadcrumb("cache miss, loading from the database");
/// ```
pub fn breadcrumb(message: impl AsRef<str>) {
    let Some(_note) = note() else { return };
    let message = match guarded(|| crumb(&message.as_ref())) {
        Ok(message) => message,
        Err(_) => {
            dropped::count(DropReason::FieldPanicked);
            "<panicked>".to_owned()
        }
    };
    change(|scope| scope.add_breadcrumb("manual", message));
}

/// Adds a breadcrumb for a business event.
pub(crate) fn event_breadcrumb(site: &'static EventSite, fields: &Fields) {
    if context::depth() == 0 {
        return;
    }
    let message = crumb(&Line(site, fields));
    change(|scope| scope.add_breadcrumb("event", message));
}

/// Displays an event on one line.
struct Line<'a>(&'static EventSite, &'a Fields);

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.spec().name)?;
        self.1
            .iter()
            .try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

/// Begins a change of the current request. Outside any request, the change is counted as dropped.
fn note() -> Option<Nested> {
    if context::depth() == 0 {
        dropped::count(DropReason::NoScope);
        return None;
    }
    reentry::record()
}

fn change(change: impl FnOnce(&mut Scope)) {
    let mut scope = swap_scope(None).unwrap_or_default();
    // Tasks spawned earlier share the scope, so it is copied before the change.
    change(Arc::make_mut(&mut scope));
    swap_scope(Some(scope));
}

/// Returns whether the last error that this request reported is neither this one nor a source of it, and stores this one as
/// the last.
pub(crate) fn first_report_of(text: &Arc<str>, chain: &[Source]) -> bool {
    let is_known = |last: &str| {
        !last.is_empty() && (text.contains(last) || chain.iter().any(|source| source.text == last))
    };
    let known = of_request(|request| request.last_report.as_deref().is_some_and(is_known));
    if known == Some(true) {
        return false;
    }
    // The request ends with its outermost call, so that need not be stored.
    if context::depth() > 1 {
        set_last_report(text);
    }
    true
}

/// Installs a request's state on this thread and returns the previous state.
pub(crate) fn swap_request(request: Request) -> Request {
    context::with(|stack| stack.scoped.set(!request.is_empty()));
    let swap = |old: &mut Request| std::mem::replace(old, request);
    thread_state::request(swap).unwrap_or_default()
}

/// Installs a scope on this thread and returns the previous one.
pub(crate) fn swap_scope(scope: Option<Arc<Scope>>) -> Option<Arc<Scope>> {
    change_request(|request| std::mem::replace(&mut request.scope, scope))
}

/// Stores the text of an error that has been reported.
fn set_last_report(text: &Arc<str>) {
    change_request(|request| request.last_report = Some(Arc::clone(text)));
}

fn change_request<R: Default>(change: impl FnOnce(&mut Request) -> R) -> R {
    let change = |request: &mut Request| (change(request), !request.is_empty());
    let (out, scoped) = thread_state::request(change).unwrap_or_default();
    context::with(|stack| stack.scoped.set(scoped));
    out
}

/// Runs `get` on the state of this thread's request. Returns `None` if there is none.
pub(crate) fn of_request<R>(get: impl FnOnce(&Request) -> R) -> Option<R> {
    if !context::with(|stack| stack.scoped.get()) {
        return None;
    }
    thread_state::request(|request| get(request))
}

/// Returns the scope of this thread's request.
pub(crate) fn scope() -> Option<Arc<Scope>> {
    of_request(|request| request.scope.clone()).flatten()
}
