//! A business event as its declaration describes it.

use super::label::Labels;
use super::site::{Family, Series};
use tracing::Metadata;
use tracing::callsite::{Callsite, Identifier};
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;

/// What an expansion says of an event.
#[derive(Clone, Copy, Debug)]
pub struct EventSpec {
    /// Dotted name.
    pub name: &'static str,
    /// Names of its fields.
    pub fields: &'static [&'static str],
    /// Its doc comment.
    pub help: &'static str,
    /// Who answers for it.
    pub owner: &'static str,
    /// How many series its counter, and each of its measures, may have.
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
    /// How often, by label.
    pub(crate) counter: &'static Family,
    /// A histogram (and so a sum) for each measure.
    pub(crate) measures: &'static [Family],
}

impl EventSite {
    /// The site that `me` is to be.
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

    /// What was said of it.
    #[must_use]
    pub const fn spec(&self) -> &EventSpec {
        &self.spec
    }

    /// Its `tracing` metadata.
    #[must_use]
    pub const fn metadata(&self) -> &Metadata<'static> {
        &self.metadata
    }

    /// The counter of its emissions.
    #[must_use]
    pub const fn counter(&self) -> &'static Family {
        self.counter
    }

    /// The histograms of its measures.
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
    // Asked at every emission: a business event is rare beside a call.
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &self.metadata
    }
}

/// A business event: a struct with `#[business_event("name")]`.
pub trait Event {
    /// Its declaration.
    fn site() -> &'static EventSite;
    /// Hands its fields, labels and measures to `recorder`, once each, in this order.
    fn record(&self, recorder: &mut EventRecorder<'_>);
}

/// Takes the parts of an event as its expansion hands them over.
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
    /// The fields, in the order of the declaration.
    pub fn fields(&mut self, values: &[Option<&dyn tracing::Value>]) {
        (self.then)(EventPart::Fields(values));
    }

    /// The labels.
    pub fn labels<L: Labels>(&mut self, labels: L) {
        (self.then)(EventPart::Series(self.site.counter.series(labels)));
    }

    /// The measures, in the order of the declaration.
    pub fn measures(&mut self, values: &[f64]) {
        (self.then)(EventPart::Measures(values));
    }
}
