//! An entry of the catalog: one function, metric or event.

use crate::model::event::EventSite;
use crate::model::family::{FamilySpec, MetricKind};
use crate::model::label::LabelSpec;
use crate::model::site::Site;
use crate::model::spec::Objective;

/// The kind of an entry of the catalog.
///
/// ```
/// use instrumental::CatalogKind;
/// let catalog = instrumental::catalog();
/// let events = catalog.entries().iter().filter(|entry| entry.kind == CatalogKind::Event);
/// println!("{} business events", events.count());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CatalogKind {
    /// An annotated function.
    Function,
    /// A business event, which is also a counter of the same name.
    Event,
    /// A counter.
    Counter,
    /// A gauge.
    Gauge,
    /// A histogram. The measures of an event are histograms, too.
    Histogram,
}

impl CatalogKind {
    /// Returns the name of the kind in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Event => "event",
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

impl From<MetricKind> for CatalogKind {
    fn from(kind: MetricKind) -> Self {
        match kind {
            MetricKind::Counter => Self::Counter,
            MetricKind::Gauge => Self::Gauge,
            MetricKind::Histogram => Self::Histogram,
        }
    }
}

/// A label of a metric.
///
/// ```
/// for label in instrumental::catalog().entries().iter().flat_map(|entry| &entry.labels) {
///     println!("{} has at most {} values", label.name, label.limit);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CatalogLabel {
    /// The key.
    pub name: &'static str,
    /// The values; empty if they are only known at run time.
    pub values: Vec<&'static str>,
    /// The largest number of values.
    pub limit: usize,
}

/// One function, metric or event of the program.
///
/// ```
/// #[instrumental::traced(owner = "payments")]
/// fn release() {}
///
/// # fn main() {
/// let catalog = instrumental::catalog();
/// let entry = catalog.entries().iter().find(|entry| entry.name == "release").unwrap();
/// assert_eq!(entry.owner, "payments");
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CatalogEntry {
    /// The kind of the entry.
    pub kind: CatalogKind,
    /// The dotted name of a metric or event, or the name of a function with its type.
    pub name: &'static str,
    /// The UCUM code of the unit; empty without one.
    pub unit: &'static str,
    /// The unit's suffix in Prometheus names; empty without one.
    pub unit_word: &'static str,
    /// The labels of the metric, or of the event's counter and measures.
    pub labels: Vec<CatalogLabel>,
    /// The names of the recorded fields of a function or event.
    pub fields: &'static [&'static str],
    /// The doc comment.
    pub help: &'static str,
    /// The owner; empty without one.
    pub owner: &'static str,
    /// The largest number of series; 0 for a function.
    pub budget: usize,
    /// The source file.
    pub file: &'static str,
    /// The source line.
    pub line: u32,
    /// The module.
    pub module: &'static str,
    /// The function's service level objective.
    pub objective: Option<Objective>,
}

impl CatalogEntry {
    pub(super) fn of_site(site: &'static Site) -> Self {
        let spec = site.spec();
        Self {
            kind: CatalogKind::Function,
            name: site.function(),
            unit: "",
            unit_word: "",
            labels: Vec::new(),
            fields: spec.fields,
            help: "",
            owner: spec.owner,
            budget: 0,
            file: spec.file,
            line: spec.line,
            module: spec.module,
            objective: spec.objective,
        }
    }

    pub(super) fn of_family(spec: &FamilySpec) -> Self {
        Self {
            kind: spec.kind.into(),
            name: spec.name,
            unit: spec.unit,
            unit_word: spec.unit_word,
            labels: spec.labels.iter().map(label).collect(),
            fields: &[],
            help: spec.help,
            owner: spec.owner,
            budget: spec.budget,
            file: spec.file,
            line: spec.line,
            module: spec.module,
            objective: None,
        }
    }

    /// Returns the entry of an event, and those of its measures.
    pub(super) fn of_event(event: &'static EventSite) -> impl Iterator<Item = Self> {
        let spec = event.spec();
        let event_itself = Self {
            kind: CatalogKind::Event,
            fields: spec.fields,
            help: spec.help,
            file: spec.file,
            line: spec.line,
            module: spec.module,
            ..Self::of_family(event.counter().spec())
        };
        let measures = event.measures().iter();
        std::iter::once(event_itself).chain(measures.map(|family| Self::of_family(family.spec())))
    }
}

fn label(label: &LabelSpec) -> CatalogLabel {
    let numbers = if label.dynamic { 0 } else { label.cardinality };
    CatalogLabel {
        name: label.name,
        values: (0..numbers).map(label.value).collect(),
        limit: label.cardinality,
    }
}
