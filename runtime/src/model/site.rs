//! Sites, metric families and their series.
//!
//! Each annotated function has a static [`Site`], and each metric of a catalog a static [`Family`]. Both own series, and a
//! series has cells in the store. A series refers back to its owner, so these types share a file.

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
    /// Registers the callsite with `tracing` once.
    pub(crate) registered: Once,
    /// Whether it returned a future that cannot carry a call, so that the call is measured only until the return.
    pub(crate) unmeasured: AtomicBool,
    pub(crate) series: SiteSeries,
}

impl Site {
    /// Creates the site that is stored in `me`: `tracing`'s metadata refer to their callsite.
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

    /// Returns whether calls record other things than a duration and a span.
    pub(crate) const fn is_rare(&self) -> bool {
        self.spec.slow_nanos != 0 || self.has(flag::IN_FLIGHT) || !self.has(flag::TRACED)
    }

    /// Returns the limit above which a call is slow, in seconds; zero means no limit.
    pub(crate) fn slow_seconds(&self) -> f64 {
        self.spec.slow_nanos as f64 * 1e-9
    }

    /// Returns the name of its span: the function with its type, or the name given by the user.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.has(flag::NAMED) {
            self.spec.name
        } else {
            self.function()
        }
    }

    /// Returns the function with its type: `ContractService::release`.
    #[must_use]
    pub fn function(&self) -> &str {
        if let Some(known) = self.function.get() {
            return known;
        }
        // While this thread computes a name, the static name is used: the allocator may be this very function.
        match naming(|| path::function_name((self.path)(), self.spec.module)) {
            Some(name) => self.function.get_or_init(|| name),
            None => self.spec.name,
        }
    }

    /// Returns the path of the function in the source, without generics.
    pub(crate) fn source_path(&self) -> String {
        path::source_path((self.path)())
    }

    /// Returns its declaration.
    #[must_use]
    pub const fn spec(&self) -> &'static Spec {
        self.spec
    }

    /// Returns its `tracing` metadata.
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

// `tracing` calls this when a subscriber is installed or removed, or changes its filter.
impl Callsite for Site {
    fn set_interest(&self, interest: Interest) {
        self.set(listen::FACADE_SPAN, !interest.is_never());
    }

    fn metadata(&self) -> &Metadata<'_> {
        &self.metadata
    }
}

/// Runs `make`, or returns `None` if this thread is already running it.
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

/// Returns a function that yields the path of `T`, a type within the site's static. It contains the function's path.
#[must_use]
pub const fn path_of<T>() -> fn() -> &'static str {
    std::any::type_name::<T>
}

/// One metric of the catalog.
pub struct Family {
    pub(crate) spec: FamilySpec,
    /// Series by index of the label combination, if no label is learnt at run time.
    pub(crate) fixed: OnceLock<Box<[OnceLock<&'static Series>]>>,
    /// Series by label texts, if a label is learnt at run time.
    pub(crate) learnt: RwLock<Option<Learnt>>,
    /// Number of measurements counted in an overflow series.
    pub(crate) overflow: AtomicU64,
}

/// The series of a family whose labels are learnt at run time.
#[derive(Default)]
pub(crate) struct Learnt {
    pub(crate) series: HashMap<String, &'static Series>,
    /// The distinct values of each label.
    pub(crate) values: Vec<HashSet<String>>,
}

impl Family {
    /// Creates a metric without any series.
    #[must_use]
    pub const fn new(spec: FamilySpec) -> Self {
        Self {
            spec,
            fixed: OnceLock::new(),
            learnt: RwLock::new(None),
            overflow: AtomicU64::new(0),
        }
    }

    /// Returns its declaration.
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
    /// Index of its first cell in the store.
    pub(crate) slot: u32,
    pub(crate) kind: MetricKind,
    /// Exponent of the smallest power of two that a histogram distinguishes.
    pub(crate) floor: i16,
    pub(crate) owner: Owner,
    /// Index of the label combination in its family; `u32::MAX` if the labels were learnt at run time.
    pub(crate) index: u32,
    /// Handle of the application's own recorder.
    pub(crate) foreign: OnceLock<ForeignHandle>,
}

/// The labels by which the errors of a function are counted: variant and class.
pub(crate) type ErrorLabel = (&'static str, ErrorKind);

/// The owner of a series.
pub(crate) enum Owner {
    Duration(&'static Site, Outcome),
    Errors(&'static Site, ErrorLabel),
    InFlight(&'static Site),
    Slow(&'static Site),
    /// A family, with the label values in the order of its labels.
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
    /// Head of the linked list of its errors.
    pub(crate) errors: OnceLock<Box<ErrorSeries>>,
}

/// The series of one kind of a site's errors, a node of a linked list. Nodes are never removed, so the list is read without
/// a lock.
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
    /// Returns the declaration of its metric.
    pub(crate) fn spec(&self) -> &'static FamilySpec {
        match &self.owner {
            Owner::Duration(..) => &built_in::DURATION,
            Owner::Errors(..) => &built_in::ERRORS,
            Owner::InFlight(_) => &built_in::IN_FLIGHT,
            Owner::Slow(_) => &built_in::SLOW,
            Owner::Family(family, _) => &family.spec,
        }
    }

    /// Returns the metric's dotted name.
    pub(crate) fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Returns the UCUM code of its unit.
    pub(crate) fn unit(&self) -> &'static str {
        self.spec().unit
    }

    /// Returns the suffix that its unit adds to the Prometheus name.
    pub(crate) fn unit_word(&self) -> &'static str {
        self.spec().unit_word
    }

    /// Returns the metric's description.
    pub(crate) fn help(&self) -> &'static str {
        self.spec().help
    }

    /// Returns its labels, as keys and values.
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
