//! What the catalog says of one function, metric or event.

use crate::model::event::EventSite;
use crate::model::family::{FamilySpec, MetricKind};
use crate::model::label::LabelSpec;
use crate::model::site::Site;
use crate::model::spec::Objective;

/// What kind of thing an entry of the catalog is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CatalogKind {
    /// An annotated function.
    Function,
    /// A business event; also a counter of its name.
    Event,
    /// A counter.
    Counter,
    /// A gauge.
    Gauge,
    /// A histogram; a measure of an event is one, too.
    Histogram,
}

impl CatalogKind {
    /// Lower-case name.
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CatalogLabel {
    /// Its key.
    pub name: &'static str,
    /// Its values; empty where they are learnt at run time.
    pub values: Vec<&'static str>,
    /// How many values it can have.
    pub limit: usize,
}

/// One function, metric or event.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CatalogEntry {
    /// What it is.
    pub kind: CatalogKind,
    /// Dotted name of a metric or event; name of a function with its type.
    pub name: &'static str,
    /// UCUM code of the unit; empty: none.
    pub unit: &'static str,
    /// The word of the unit in a Prometheus name; empty: none.
    pub unit_word: &'static str,
    /// Labels of the metric, or of the event's counter and measures.
    pub labels: Vec<CatalogLabel>,
    /// Names of the recorded fields of a function or event.
    pub fields: &'static [&'static str],
    /// Its doc comment.
    pub help: &'static str,
    /// Who answers for it; empty: nobody is named.
    pub owner: &'static str,
    /// How many series it may have; 0 for a function.
    pub budget: usize,
    /// Source file.
    pub file: &'static str,
    /// Source line.
    pub line: u32,
    /// Module.
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

    /// An event, and its measures.
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
