//! A place in the source that reports: one `static` an annotated function; and where its numbers and those of a metric
//! are: a site or a family has series, a series has cells in the store. Each knows the other, so they share a file.

use super::family::{FamilySpec, MetricKind, built_in};
use super::fault::ErrorKind;
use super::outcome::Outcome;
use super::path;
use super::spec::{Spec, flag, listen};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Once, OnceLock, RwLock};
use tracing::Metadata;
use tracing::callsite::{Callsite, Identifier};
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;

/// One annotated function.
pub struct Site {
    pub(crate) state: AtomicU32,
    pub(crate) spec: &'static Spec,
    path: fn() -> &'static str,
    metadata: Metadata<'static>,
    function: OnceLock<String>,
    /// `tracing` has been told of it.
    pub(crate) registered: Once,
    /// It returned a future of a type that has no room for a call.
    pub(crate) unmeasured: AtomicBool,
    pub(crate) series: SiteSeries,
}

impl Site {
    /// The site that `me` is to be.
    #[must_use]
    pub const fn new(spec: &'static Spec, path: fn() -> &'static str, me: &'static Self) -> Self {
        Self {
            state: AtomicU32::new(listen::NEW),
            metadata: Metadata::new(
                spec.name,
                if spec.target.is_empty() {
                    spec.module
                } else {
                    spec.target
                },
                spec.level,
                Some(spec.file),
                Some(spec.line),
                Some(spec.module),
                FieldSet::new(spec.fields, Identifier(me)),
                Kind::SPAN,
            ),
            spec,
            path,
            function: OnceLock::new(),
            registered: Once::new(),
            unmeasured: AtomicBool::new(false),
            series: SiteSeries::new(),
        }
    }

    pub(crate) const fn has(&self, flag: u32) -> bool {
        self.spec.flags & flag != 0
    }

    /// Whether its calls are more, or less, than a duration and a span.
    pub(crate) const fn is_rare(&self) -> bool {
        self.spec.slow_nanos != 0 || self.has(flag::IN_FLIGHT) || !self.has(flag::TRACED)
    }

    /// A call that takes longer is slow; 0: none is.
    pub(crate) fn slow_seconds(&self) -> f64 {
        self.spec.slow_nanos as f64 * 1e-9
    }

    /// What its span is called: the function with its type, or the name given.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.has(flag::NAMED) {
            self.spec.name
        } else {
            self.function()
        }
    }

    /// The function with its type: `ContractService::release`.
    #[must_use]
    pub fn function(&self) -> &str {
        if let Some(known) = self.function.get() {
            return known;
        }
        // Not while it is made: the allocator may be this very function.
        match naming(|| path::function_name((self.path)(), self.spec.module)) {
            Some(name) => self.function.get_or_init(|| name),
            None => self.spec.name,
        }
    }

    /// The path of the function in the source, without generics.
    pub(crate) fn source_path(&self) -> String {
        path::source_path((self.path)())
    }

    /// What was said of it.
    #[must_use]
    pub const fn spec(&self) -> &'static Spec {
        self.spec
    }

    /// Its `tracing` metadata.
    #[must_use]
    pub const fn metadata(&self) -> &Metadata<'static> {
        &self.metadata
    }

    pub(crate) fn set(&self, bit: u32, on: bool) {
        if on {
            self.state.fetch_or(bit, Relaxed);
        } else {
            self.state.fetch_and(!bit, Relaxed);
        }
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

// How `tracing` tells that a subscriber came, went or changed its mind.
impl Callsite for Site {
    fn set_interest(&self, interest: Interest) {
        self.set(listen::FACADE_SPAN, !interest.is_never());
    }

    fn metadata(&self) -> &Metadata<'_> {
        &self.metadata
    }
}

/// Makes the name of a site; `None` while this thread makes one.
#[cold]
fn naming(make: impl FnOnce() -> String) -> Option<String> {
    thread_local! {
        static MAKING: Cell<bool> = const { Cell::new(false) };
    }
    if MAKING.replace(true) {
        return None;
    }
    let name = make();
    MAKING.set(false);
    Some(name)
}

/// The name of a type within the site's static: its path holds the function's.
#[must_use]
pub const fn path_of<T>() -> fn() -> &'static str {
    std::any::type_name::<T>
}

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
