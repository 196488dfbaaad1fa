//! The application's `tracing` subscriber, for which an annotated call is an ordinary span.

use crate::base::reentry;
use crate::model::site::Site;
use tracing::subscriber::NoSubscriber;
use tracing::{Span, Value};

/// Registers a site as a callsite, so that `tracing` notifies it of the subscriber's interest.
pub(crate) fn register(site: &'static Site) {
    site.registered
        .call_once(|| tracing::callsite::register(site));
}

/// Returns whether this thread has a subscriber.
pub(crate) fn is_present() -> bool {
    tracing::dispatcher::has_been_set()
        && tracing::dispatcher::get_default(|dispatch| !dispatch.is::<NoSubscriber>())
}

/// Returns whether there is a global subscriber. It is looked up on a new thread, which has no local one.
pub(crate) fn is_global_present() -> bool {
    let find = || std::thread::Builder::new().spawn(is_present);
    tracing::dispatcher::has_been_set() && find().is_ok_and(|thread| thread.join().unwrap_or(false))
}

/// The parent of a new span.
#[derive(Clone, Debug, Default)]
pub(crate) enum Parent {
    /// The current span.
    #[default]
    Current,
    /// No parent.
    Root,
    /// The span with this id.
    Of(Option<tracing::span::Id>),
    /// A span in another process.
    Remote(Remote),
}

/// A span of another process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remote {
    pub(crate) trace: u128,
    /// Zero if only the trace is known.
    pub(crate) span: u64,
    /// `None` if this process decides.
    pub(crate) sampled: Option<bool>,
}

/// Creates a span of the site, which is disabled if the subscriber's filter excludes it.
pub(crate) fn open(site: &'static Site, values: &[Option<&dyn Value>], parent: &Parent) -> Span {
    let metadata = site.metadata();
    // The subscriber may call annotated functions.
    let _mark = reentry::mark();
    let none = [];
    // `value_set_all` requires as many values as the site has fields, or none.
    let values = if values.len() == metadata.fields().len() {
        values
    } else {
        &none[..]
    };
    let enabled = tracing::dispatcher::get_default(|dispatch| dispatch.enabled(metadata));
    if !enabled {
        return Span::none();
    }
    let set = metadata.fields().value_set_all(values);
    match parent {
        // The application's own subscriber has its own propagation.
        Parent::Current | Parent::Remote(_) => Span::new(metadata, &set),
        Parent::Root => Span::new_root(metadata, &set),
        Parent::Of(id) => Span::child_of(id.clone(), metadata, &set),
    }
}

/// Enters a span without a guard that borrows it.
pub(crate) fn enter(span: &Span) {
    let _mark = reentry::mark();
    span.with_subscriber(|(id, dispatch)| dispatch.enter(id));
}

/// Exits a span.
pub(crate) fn exit(span: &Span) {
    let _mark = reentry::mark();
    span.with_subscriber(|(id, dispatch)| dispatch.exit(id));
}

/// Sends an event to the application's subscriber.
pub(crate) fn event(metadata: &'static tracing::Metadata<'static>, values: &[Option<&dyn Value>]) {
    if values.len() != metadata.fields().len() {
        return;
    }
    let _mark = reentry::mark();
    tracing::dispatcher::get_default(|dispatch| {
        if dispatch.enabled(metadata) {
            let set = metadata.fields().value_set_all(values);
            dispatch.event(&tracing::Event::new(metadata, &set));
        }
    });
}
