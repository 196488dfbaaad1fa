//! Where a metric's numbers are: a family has series, a series has cells in the store.

use super::family::{FamilySpec, MetricKind, built_in};
use super::fault::ErrorKind;
use super::outcome::Outcome;
use super::site::Site;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicU64;
use std::sync::{OnceLock, RwLock};

/// One metric of the catalog.
pub struct Family {
    pub(crate) spec: FamilySpec,
    /// By number of the label combination, where no label is learnt at run time.
    pub(crate) fixed: OnceLock<Box<[OnceLock<&'static Series>]>>,
    /// By text, where one is.
    pub(crate) learnt: RwLock<Option<Learnt>>,
    /// Measurements that went to an overflow series.
    pub(crate) overflow: AtomicU64,
}

/// The series of a family with labels learnt at run time.
#[derive(Default)]
pub(crate) struct Learnt {
    pub(crate) series: HashMap<String, &'static Series>,
    /// The values seen, by label.
    pub(crate) values: Vec<HashSet<String>>,
}

impl Family {
    /// A metric that nothing was recorded in.
    #[must_use]
    pub const fn new(spec: FamilySpec) -> Self {
        Self {
            spec,
            fixed: OnceLock::new(),
            learnt: RwLock::new(None),
            overflow: AtomicU64::new(0),
        }
    }

    /// Its declaration.
    #[must_use]
    pub const fn spec(&self) -> &FamilySpec {
        &self.spec
    }
}

impl std::fmt::Debug for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Family")
            .field("name", &self.spec.name)
            .finish_non_exhaustive()
    }
}

/// One series: a metric with one combination of label values.
pub(crate) struct Series {
    /// First cell in the store.
    pub(crate) slot: u32,
    pub(crate) kind: MetricKind,
    /// The smallest power of two, for a histogram.
    pub(crate) floor: i16,
    pub(crate) owner: Owner,
    /// Number of the label combination in its family; `u32::MAX` where it was learnt.
    pub(crate) index: u32,
    /// The handle of the application's own recorder.
    pub(crate) foreign: OnceLock<ForeignHandle>,
}

/// What tells errors of one function apart: the variant's label, and how it is treated.
pub(crate) type ErrorLabel = (&'static str, ErrorKind);

/// Whose series it is.
pub(crate) enum Owner {
    Duration(&'static Site, Outcome),
    Errors(&'static Site, ErrorLabel),
    InFlight(&'static Site),
    Slow(&'static Site),
    /// With its label values, in the family's order.
    Family(&'static Family, Vec<String>),
}

/// A handle of the `metrics` facade.
pub(crate) enum ForeignHandle {
    Counter(metrics::Counter),
    Gauge(metrics::Gauge),
    Histogram(metrics::Histogram),
}

/// The series of a site.
pub(crate) struct SiteSeries {
    pub(crate) durations: [OnceLock<&'static Series>; 4],
    pub(crate) in_flight: OnceLock<&'static Series>,
    pub(crate) slow: OnceLock<&'static Series>,
    /// The first kind of its errors; the others hang on it.
    pub(crate) errors: OnceLock<Box<ErrorSeries>>,
}

/// The series of one kind of a site's errors. Never taken away, so that they are read without a lock.
pub(crate) struct ErrorSeries {
    pub(crate) label: ErrorLabel,
    pub(crate) series: &'static Series,
    pub(crate) next: OnceLock<Box<Self>>,
}

impl SiteSeries {
    pub(crate) const fn new() -> Self {
        Self {
            durations: [const { OnceLock::new() }; 4],
            in_flight: OnceLock::new(),
            slow: OnceLock::new(),
            errors: OnceLock::new(),
        }
    }
}

impl Series {
    /// The declaration of its metric.
    pub(crate) fn spec(&self) -> &'static FamilySpec {
        match &self.owner {
            Owner::Duration(..) => &built_in::DURATION,
            Owner::Errors(..) => &built_in::ERRORS,
            Owner::InFlight(_) => &built_in::IN_FLIGHT,
            Owner::Slow(_) => &built_in::SLOW,
            Owner::Family(family, _) => &family.spec,
        }
    }

    /// The metric's dotted name.
    pub(crate) fn name(&self) -> &'static str {
        self.spec().name
    }

    /// UCUM code of its unit.
    pub(crate) fn unit(&self) -> &'static str {
        self.spec().unit
    }

    /// The word a Prometheus name of this unit ends in.
    pub(crate) fn unit_word(&self) -> &'static str {
        self.spec().unit_word
    }

    /// What the metric counts.
    pub(crate) fn help(&self) -> &'static str {
        self.spec().help
    }

    /// Its labels, key and value.
    pub(crate) fn labels(&self) -> Vec<(&'static str, &str)> {
        match &self.owner {
            Owner::Duration(site, outcome) => {
                let mut labels = of_site(site);
                labels.push(("outcome", outcome.as_str()));
                labels
            }
            Owner::Errors(site, error) => {
                let mut labels = of_site(site);
                labels.extend([("error", error.0), ("class", error.1.as_str())]);
                labels
            }
            Owner::InFlight(site) | Owner::Slow(site) => of_site(site),
            Owner::Family(family, values) => {
                let keys = family.spec.labels.iter().map(|label| label.name);
                keys.zip(values.iter().map(String::as_str)).collect()
            }
        }
    }
}

impl std::fmt::Debug for Series {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Series")
            .field("name", &self.name())
            .field("labels", &self.labels())
            .finish_non_exhaustive()
    }
}

fn of_site(site: &'static Site) -> Vec<(&'static str, &'static str)> {
    vec![
        ("function", site.function()),
        ("module", site.spec().module),
    ]
}
