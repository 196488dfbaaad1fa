//! Declarations of business events.

use super::label::Labels;
use super::site::{Family, Series};
use tracing::Metadata;
use tracing::callsite::{Callsite, Identifier};
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;

/// The declaration of an event, as an expansion writes it.
#[derive(Clone, Copy, Debug)]
pub struct EventSpec {
    /// Dotted name.
    pub name: &'static str,
    /// Names of its fields.
    pub fields: &'static [&'static str],
    /// Its doc comment.
    pub help: &'static str,
    /// The owning team.
    pub owner: &'static str,
    /// Maximum number of series of its counter, and of each of its measures.
    pub budget: usize,
    /// Source file.
    pub file: &'static str,
    /// Source line.
    pub line: u32,
    /// Module.
    pub module: &'static str,
}

/// One kind of business event.
pub struct EventSite {
    spec: EventSpec,
    metadata: Metadata<'static>,
    /// Counts the emissions, by label.
    pub(crate) counter: &'static Family,
    /// One histogram, which includes a sum, for each measure.
    pub(crate) measures: &'static [Family],
}

impl EventSite {
    /// Creates the site that is stored in `me`: `tracing`'s metadata refer to their callsite.
    #[must_use]
    pub const fn new(
        spec: EventSpec,
        counter: &'static Family,
        measures: &'static [Family],
        me: &'static Self,
    ) -> Self {
        Self {
            metadata: Metadata::new(
                spec.name,
                spec.module,
                tracing::Level::INFO,
                Some(spec.file),
                Some(spec.line),
                Some(spec.module),
                FieldSet::new(spec.fields, Identifier(me)),
                Kind::EVENT,
            ),
            spec,
            counter,
            measures,
        }
    }

    /// Returns its declaration.
    #[must_use]
    pub const fn spec(&self) -> &EventSpec {
        &self.spec
    }

    /// Returns its `tracing` metadata.
    #[must_use]
    pub const fn metadata(&self) -> &Metadata<'static> {
        &self.metadata
    }

    /// Returns the counter of its emissions.
    #[must_use]
    pub const fn counter(&self) -> &'static Family {
        self.counter
    }

    /// Returns the histograms of its measures.
    #[must_use]
    pub const fn measures(&self) -> &'static [Family] {
        self.measures
    }
}

impl std::fmt::Debug for EventSite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventSite")
            .field("name", &self.spec.name)
            .finish_non_exhaustive()
    }
}

impl Callsite for EventSite {
    // Interest is not cached: business events are rare compared with calls, so each emission queries the subscriber.
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &self.metadata
    }
}

/// A business event. Implemented by `#[business_event("name")]` on a struct.
///
/// ```
/// use instrumental::{Event, business_event};
///
/// #[business_event("order.placed")]
/// struct OrderPlaced { order_id: u64 }
///
/// OrderPlaced { order_id: 7 }.emit();
/// assert_eq!(<OrderPlaced as Event>::site().spec().name, "order.placed");
/// ```
pub trait Event {
    /// Returns the event's declaration.
    fn site() -> &'static EventSite;
    /// Passes the fields, labels and measures to `recorder`, once each, in this order.
    fn record(&self, recorder: &mut EventRecorder<'_>);
}

/// Receives the parts of an event from its expansion.
pub struct EventRecorder<'a> {
    pub(crate) site: &'static EventSite,
    pub(crate) then: &'a mut dyn FnMut(EventPart<'_>),
}

/// One part of an event.
pub(crate) enum EventPart<'a> {
    Fields(&'a [Option<&'a dyn tracing::Value>]),
    Series(&'static Series),
    Measures(&'a [f64]),
}

impl EventRecorder<'_> {
    /// Receives the fields, in the order of the declaration.
    pub fn fields(&mut self, values: &[Option<&dyn tracing::Value>]) {
        (self.then)(EventPart::Fields(values));
    }

    /// Receives the labels.
    pub fn labels<L: Labels>(&mut self, labels: L) {
        (self.then)(EventPart::Series(self.site.counter.series(labels)));
    }

    /// Receives the measures, in the order of the declaration.
    pub fn measures(&mut self, values: &[f64]) {
        (self.then)(EventPart::Measures(values));
    }
}
