//! The registry of all sites, metrics, events and alerts of the program, collected by the linker.

use crate::model::alert::AlertSpec;
use crate::model::event::EventSite;
use crate::model::fault::Class;
use crate::model::site::{Family, Site};
use std::error::Error;

/// An item that an expansion registers.
#[derive(Debug)]
pub enum Entry {
    /// An annotated function.
    Site(&'static Site),
    /// A metric.
    Family(&'static Family),
    /// A business event.
    Event(&'static EventSite),
    /// An alert.
    Alert(&'static AlertSpec),
    /// A classified error type, for errors whose type is known only at run time.
    Classifier(Classifier),
}

/// Returns label and class of an error if it is of the classifier's type.
pub type Classifier = fn(&(dyn Error + 'static)) -> Option<Class>;

inventory::collect!(Entry);

pub(crate) fn sites() -> impl Iterator<Item = &'static Site> {
    inventory::iter::<Entry>().filter_map(|entry| match entry {
        Entry::Site(site) => Some(*site),
        _ => None,
    })
}

pub(crate) fn families() -> impl Iterator<Item = &'static Family> {
    inventory::iter::<Entry>().filter_map(|entry| match entry {
        Entry::Family(family) => Some(*family),
        _ => None,
    })
}

pub(crate) fn events() -> impl Iterator<Item = &'static EventSite> {
    inventory::iter::<Entry>().filter_map(|entry| match entry {
        Entry::Event(event) => Some(*event),
        _ => None,
    })
}

pub(crate) fn alerts() -> impl Iterator<Item = &'static AlertSpec> {
    inventory::iter::<Entry>().filter_map(|entry| match entry {
        Entry::Alert(alert) => Some(*alert),
        _ => None,
    })
}

pub(crate) fn classifiers() -> impl Iterator<Item = Classifier> {
    inventory::iter::<Entry>().filter_map(|entry| match entry {
        Entry::Classifier(classifier) => Some(*classifier),
        _ => None,
    })
}
