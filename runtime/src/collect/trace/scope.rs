//! User, tags and breadcrumbs of the request that this thread serves.

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

/// Says who the running request is served for.
///
/// It holds for the rest of the outermost annotated call, across awaits, and for tasks spawned with
/// `spawn` or [`in_current_call`](crate::InCurrentCall::in_current_call) after it. Outside any
/// annotated call (or [`scope`](crate::scope)) it is ignored and counted as lost, since the next request on the thread
/// would be taken for this user's.
///
/// ```
/// use instrumental::{User, set_user};
/// set_user(User::id(42).role("contractor"));
/// ```
pub fn set_user(user: User) {
    let Some(_note) = note() else { return };
    change(|scope| scope.user = Some(user));
}

/// Tags the running request. Where it holds: see [`set_user`]. At most 50 tags, of 200 bytes each.
pub fn set_tag(key: &str, value: impl Display) {
    let Some(_note) = note() else { return };
    // Before the scope is taken: its own code may set a tag, too.
    let value = tag_value(&value);
    change(|scope| scope.set_tag(key, value));
}

/// Notes what happened, for the report of an error that may follow. The last 100 of a request are kept, of 1,024 bytes
/// each.
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

/// Notes a business event.
pub(crate) fn event_breadcrumb(site: &'static EventSite, fields: &Fields) {
    if context::depth() == 0 {
        return;
    }
    let message = crumb(&Line(site, fields));
    change(|scope| scope.add_breadcrumb("event", message));
}

/// An event in one line.
struct Line<'a>(&'static EventSite, &'a Fields);

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.spec().name)?;
        self.1
            .iter()
            .try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

/// A note on the request that runs; what is noted of none is counted.
fn note() -> Option<Nested> {
    if context::depth() == 0 {
        dropped::count(DropReason::NoScope);
        return None;
    }
    reentry::record()
}

fn change(change: impl FnOnce(&mut Scope)) {
    let mut scope = swap_scope(None).unwrap_or_default();
    // Tasks spawned from here have a copy from then on.
    change(Arc::make_mut(&mut scope));
    swap_scope(Some(scope));
}

/// Whether the last error that this request reported is neither this one nor a source of it. Notes this one.
pub(crate) fn first_report_of(text: &Arc<str>, chain: &[Source]) -> bool {
    let is_known = |last: &str| {
        !last.is_empty() && (text.contains(last) || chain.iter().any(|source| source.text == last))
    };
    let known = of_request(|request| request.last_report.as_deref().is_some_and(is_known));
    if known == Some(true) {
        return false;
    }
    // With the outermost call the request ends: nobody will ask.
    if context::depth() > 1 {
        set_last_report(text);
    }
    true
}

/// Puts what goes with a request on this thread; returns what was there before.
pub(crate) fn swap_request(request: Request) -> Request {
    context::with(|stack| stack.scoped.set(!request.is_empty()));
    let swap = |old: &mut Request| std::mem::replace(old, request);
    thread_state::request(swap).unwrap_or_default()
}

/// Puts a scope on this thread; returns the one before.
pub(crate) fn swap_scope(scope: Option<Arc<Scope>>) -> Option<Arc<Scope>> {
    change_request(|request| std::mem::replace(&mut request.scope, scope))
}

/// Notes the text of an error that has been reported.
fn set_last_report(text: &Arc<str>) {
    change_request(|request| request.last_report = Some(Arc::clone(text)));
}

fn change_request<R: Default>(change: impl FnOnce(&mut Request) -> R) -> R {
    let change = |request: &mut Request| (change(request), !request.is_empty());
    let (out, scoped) = thread_state::request(change).unwrap_or_default();
    context::with(|stack| stack.scoped.set(scoped));
    out
}

/// What goes with this thread's request, by `get`; `None` where nothing does.
pub(crate) fn of_request<R>(get: impl FnOnce(&Request) -> R) -> Option<R> {
    if !context::with(|stack| stack.scoped.get()) {
        return None;
    }
    thread_state::request(|request| get(request))
}

/// The scope of this thread's request.
pub(crate) fn scope() -> Option<Arc<Scope>> {
    of_request(|request| request.scope.clone()).flatten()
}
