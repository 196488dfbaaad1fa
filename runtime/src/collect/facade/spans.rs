//! The application's `tracing` subscriber: an annotated call is an ordinary span of it.

use crate::base::reentry;
use crate::model::site::Site;
use tracing::subscriber::NoSubscriber;
use tracing::{Span, Value};

/// Tells `tracing` of a site, so that it tells the site who is interested.
pub(crate) fn register(site: &'static Site) {
    site.registered
        .call_once(|| tracing::callsite::register(site));
}

/// Whether a subscriber is in force on this thread.
pub(crate) fn is_present() -> bool {
    tracing::dispatcher::has_been_set()
        && tracing::dispatcher::get_default(|dispatch| !dispatch.is::<NoSubscriber>())
}

/// Whether a subscriber is in force on threads that have none of their own.
pub(crate) fn is_global_present() -> bool {
    let look = || std::thread::Builder::new().spawn(is_present);
    tracing::dispatcher::has_been_set() && look().is_ok_and(|thread| thread.join().unwrap_or(false))
}

/// How the span's parent is chosen.
#[derive(Clone, Debug, Default)]
pub(crate) enum Parent {
    /// The current span.
    #[default]
    Current,
    /// None.
    Root,
    /// This one.
    Of(Option<tracing::span::Id>),
    /// One in another process.
    Remote(Remote),
}

/// A span of another process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remote {
    pub(crate) trace: u128,
    /// Zero: the trace is known, its span is not.
    pub(crate) span: u64,
    /// `None`: this process decides.
    pub(crate) sampled: Option<bool>,
}

/// A new span of the site; disabled where the subscriber declines.
pub(crate) fn open(site: &'static Site, values: &[Option<&dyn Value>], parent: &Parent) -> Span {
    let metadata = site.metadata();
    // The subscriber may call annotated functions.
    let _mark = reentry::mark();
    let none = [];
    // Recorded by nobody: a subscriber that wants all or nothing gets the declared length.
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
        // An application's own subscriber has its own propagation.
        Parent::Current | Parent::Remote(_) => Span::new(metadata, &set),
        Parent::Root => Span::new_root(metadata, &set),
        Parent::Of(id) => Span::child_of(id.clone(), metadata, &set),
    }
}

/// Enters without a guard that borrows the span.
pub(crate) fn enter(span: &Span) {
    let _mark = reentry::mark();
    span.with_subscriber(|(id, dispatch)| dispatch.enter(id));
}

/// Leaves.
pub(crate) fn exit(span: &Span) {
    let _mark = reentry::mark();
    span.with_subscriber(|(id, dispatch)| dispatch.exit(id));
}

/// An event of the application's subscriber.
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
