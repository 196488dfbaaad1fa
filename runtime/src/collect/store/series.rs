//! Lookup and creation of series.

use super::bucket::HISTOGRAM_CELLS;
use super::shard::{CELLS, MAX_CELLS};
use crate::base::internal_thread::guarded;
use crate::base::reentry;
use crate::collect::dropped;
use crate::model::cut::cut;
use crate::model::drop_reason::DropReason;
use crate::model::family::{FamilySpec, MetricKind, built_in, worst_case};
use crate::model::label::{LabelValue, Labels, OTHER};
use crate::model::outcome::Outcome;
use crate::model::site::{ErrorLabel, ErrorSeries, Family, Learnt, Owner, Series, Site};
use std::collections::HashSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Maximum number of series of a counter that are created in advance, with the value 0.
const MAX_PRECREATED: usize = 64;
/// Maximum number of error kinds of a function; further ones share the kind `other`.
const MAX_ERROR_KINDS: usize = 64;
/// Maximum length of a label value, in bytes. Datadog truncates tags at the same length.
const MAX_TEXT: usize = 200;
/// Durations are distinguished from 2^-28 seconds, about four nanoseconds.
const SECONDS_FLOOR: i16 = -28;

struct Registry {
    all: Vec<&'static Series>,
    next: usize,
    /// Page in which single cells are allocated.
    page: usize,
    /// Next single cell within that page.
    cell: usize,
}

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    all: Vec::new(),
    next: 0,
    page: 0,
    cell: CELLS,
});

impl Registry {
    /// Allocates the cells of a series of this kind and returns the index of the first. Returns `None` if the store is full.
    fn slot(&mut self, kind: MetricKind) -> Option<u32> {
        let slot = if kind == MetricKind::Histogram {
            // A histogram must not cross the end of a page.
            if self.next % CELLS + HISTOGRAM_CELLS > CELLS {
                self.next = self.next.next_multiple_of(CELLS);
            }
            let slot = self.next;
            self.next += HISTOGRAM_CELLS;
            slot
        } else {
            if self.cell == CELLS {
                self.page = self.next.next_multiple_of(CELLS);
                self.next = self.page + CELLS;
                self.cell = 0;
            }
            self.cell += 1;
            self.page + self.cell - 1
        };
        (slot + HISTOGRAM_CELLS <= MAX_CELLS).then_some(slot as u32)
    }
}

/// The series of measurements made while the thread is marked. They are discarded, and were counted as dropped.
static DISCARDED: Series = Series {
    slot: (MAX_CELLS - HISTOGRAM_CELLS) as u32,
    kind: MetricKind::Counter,
    floor: 0,
    owner: Owner::Family(&DISCARDED_FAMILY, Vec::new()),
    index: LEARNT,
    foreign: OnceLock::new(),
};
static DISCARDED_FAMILY: Family = Family::new(FamilySpec {
    budget: 1,
    ..built_in::SLOW_SPEC
});

/// Returns whether measurements of the series are discarded.
#[inline]
pub(crate) fn is_discarded(series: &Series) -> bool {
    std::ptr::eq(series, &raw const DISCARDED)
}

/// Creates a series, unless this thread is already creating one: an annotated allocator measures this allocation.
#[cold]
fn unless_reentrant(make: impl FnOnce() -> &'static Series) -> &'static Series {
    match reentry::enter_or_count() {
        Some(_mark) => make(),
        None => &DISCARDED,
    }
}

/// The index of series with labels learnt at run time.
const LEARNT: u32 = u32::MAX;

fn make(kind: MetricKind, floor: i16, owner: Owner) -> &'static Series {
    make_numbered(kind, floor, owner, LEARNT)
}

fn make_numbered(kind: MetricKind, floor: i16, owner: Owner, index: u32) -> &'static Series {
    let mut registry = crate::base::fork::lock(&REGISTRY);
    let slot = registry.as_mut().and_then(|registry| registry.slot(kind));
    // Series that do not fit in the store share its last cells.
    let slot = slot.unwrap_or_else(|| {
        dropped::count(DropReason::SeriesOverflow);
        (MAX_CELLS - HISTOGRAM_CELLS) as u32
    });
    let series: &'static Series = Box::leak(Box::new(Series {
        slot,
        kind,
        floor,
        owner,
        index,
        foreign: OnceLock::new(),
    }));
    if let Some(mut registry) = registry {
        registry.all.push(series);
    }
    series
}

/// Returns every series.
pub(crate) fn all() -> Vec<&'static Series> {
    let _mark = reentry::mark();
    crate::base::fork::lock(&REGISTRY).map_or_else(Vec::new, |registry| registry.all.clone())
}

/// Returns the series of durations of a site's calls with this outcome.
#[inline(always)]
pub(crate) fn duration(site: &'static Site, outcome: Outcome) -> &'static Series {
    match site.series.durations[outcome as usize].get() {
        Some(series) => series,
        None => new_duration(site, outcome),
    }
}

#[cold]
fn new_duration(site: &'static Site, outcome: Outcome) -> &'static Series {
    unless_reentrant(|| {
        site.series.durations[outcome as usize].get_or_init(|| {
            let owner = Owner::Duration(site, outcome);
            make(MetricKind::Histogram, SECONDS_FLOOR, owner)
        })
    })
}

/// Returns the series of a site's running calls.
pub(crate) fn in_flight(site: &'static Site) -> &'static Series {
    let make = || make(MetricKind::Counter, 0, Owner::InFlight(site));
    get_or_make(&site.series.in_flight, make)
}

/// Returns the series of a site's slow calls.
pub(crate) fn slow(site: &'static Site) -> &'static Series {
    let make = || make(MetricKind::Counter, 0, Owner::Slow(site));
    get_or_make(&site.series.slow, make)
}

fn get_or_make(
    place: &'static OnceLock<&'static Series>,
    make: impl FnOnce() -> &'static Series,
) -> &'static Series {
    match place.get() {
        Some(series) => series,
        None => unless_reentrant(|| place.get_or_init(make)),
    }
}

/// Returns the series of a site's errors of one kind.
pub(crate) fn errors(site: &'static Site, label: ErrorLabel) -> &'static Series {
    let (mut label, mut place) = (label, &site.series.errors);
    let mut seen = 0;
    loop {
        if seen == MAX_ERROR_KINDS {
            dropped::count(DropReason::LabelOverflow);
            (label, place) = ((OTHER, label.1), &site.series.errors);
        }
        let known = place.get().map(|kind| &**kind);
        let Some(kind) = known.or_else(|| get_or_make_kind(place, site, label)) else {
            return &DISCARDED;
        };
        if is_kind(kind.label, label) {
            return kind.series;
        }
        place = &kind.next;
        seen += 1;
    }
}

/// Returns whether two labels are the same: by address, as labels from the same place in the source have, or else by text.
#[inline]
fn is_kind(known: ErrorLabel, label: ErrorLabel) -> bool {
    (std::ptr::eq(known.0, label.0) || known.0 == label.0) && known.1 == label.1
}

#[cold]
fn get_or_make_kind(
    place: &'static OnceLock<Box<ErrorSeries>>,
    site: &'static Site,
    label: ErrorLabel,
) -> Option<&'static ErrorSeries> {
    let _mark = reentry::enter_or_count()?;
    Some(place.get_or_init(|| first_of(site, label)))
}

fn first_of(site: &'static Site, label: ErrorLabel) -> Box<ErrorSeries> {
    Box::new(ErrorSeries {
        label,
        series: make(MetricKind::Counter, 0, Owner::Errors(site, label)),
        next: OnceLock::new(),
    })
}

impl Family {
    /// Returns the series with these labels. If there are too many series, returns the overflow series and counts that.
    #[inline]
    pub(crate) fn series<L: Labels>(&'static self, labels: L) -> &'static Series {
        let Some(index) = labels.fixed_index() else {
            return self.learnt_series(labels);
        };
        let known = self.fixed.get().and_then(|all| all.get(index)?.get());
        match known {
            Some(series) => series,
            None => self.fixed_series(index),
        }
    }

    /// Creates the series of a counter whose label values are known in advance and few, so that they are exported as 0 before
    /// the first count. A backend that has not seen a 0 does not see the first count as an increase (Prometheus documentation,
    /// "Instrumentation", "Avoid missing metrics").
    pub(crate) fn begin(&'static self) {
        let is_fixed = self.spec.labels.iter().all(|label| !label.dynamic);
        let count = worst_case(self.spec.labels);
        if self.spec.kind == MetricKind::Counter && is_fixed && count <= MAX_PRECREATED {
            (0..count).for_each(|index| {
                self.fixed_series(index);
            });
        }
    }

    #[cold]
    fn fixed_series(&'static self, index: usize) -> &'static Series {
        unless_reentrant(|| {
            let all = self.fixed.get_or_init(|| {
                let count = worst_case(self.spec.labels).max(1);
                (0..count).map(|_| OnceLock::new()).collect()
            });
            // A manual implementation of `Label` may return an index beyond its cardinality.
            let index = index.min(all.len() - 1);
            all[index].get_or_init(|| self.make(self.texts(index), index as u32))
        })
    }

    fn make(&'static self, values: Vec<String>, index: u32) -> &'static Series {
        let owner = Owner::Family(self, values);
        make_numbered(self.spec.kind, self.spec.floor, owner, index)
    }

    /// Returns the series with the same label values as `other`, which belongs to another family with the same labels.
    pub(crate) fn like(&'static self, other: &'static Series) -> &'static Series {
        match &other.owner {
            _ if is_discarded(other) => other,
            Owner::Family(_, texts) if other.index == LEARNT => {
                let Some(_mark) = reentry::enter_or_count() else {
                    return &DISCARDED;
                };
                let key: String = texts
                    .iter()
                    .flat_map(|text| [text.as_str(), "\u{1f}"])
                    .collect();
                self.by_text(&key)
            }
            _ => {
                let known = self
                    .fixed
                    .get()
                    .and_then(|all| all.get(other.index as usize)?.get());
                known
                    .copied()
                    .unwrap_or_else(|| self.fixed_series(other.index as usize))
            }
        }
    }

    /// Returns the label values of the combination with this index.
    fn texts(&self, mut index: usize) -> Vec<String> {
        let mut texts = Vec::with_capacity(self.spec.labels.len());
        for label in self.spec.labels.iter().rev() {
            let count = label.cardinality.max(1);
            texts.push((label.value)(index % count).to_owned());
            index /= count;
        }
        texts.reverse();
        texts
    }

    fn learnt_series<L: Labels>(&'static self, labels: L) -> &'static Series {
        let Some(_mark) = reentry::enter_or_count() else {
            return &DISCARDED;
        };
        let mut key = String::new();
        let texts = || {
            labels.each(&mut |n, value| {
                let text = match value {
                    LabelValue::Index(index) => (self.spec.labels[n].value)(index),
                    LabelValue::Text(text) => text,
                };
                key.push_str(cut(text, MAX_TEXT));
                key.push(SEPARATOR);
            });
        };
        if guarded(texts).is_err() {
            // A manual implementation of `Label` panicked.
            dropped::count(DropReason::FieldPanicked);
            key.clear();
            for _ in self.spec.labels {
                key.push_str(OTHER);
                key.push(SEPARATOR);
            }
        }
        self.by_text(&key)
    }

    fn by_text(&'static self, key: &str) -> &'static Series {
        {
            let learnt = self.learnt.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(learnt) = &*learnt {
                if let Some(series) = learnt.series.get(key) {
                    return series;
                }
                if let Some(series) = self.overflowed(learnt, key) {
                    return series;
                }
            }
        }
        let mut learnt = self.learnt.write().unwrap_or_else(PoisonError::into_inner);
        let learnt = learnt.get_or_insert_with(Learnt::default);
        self.learn(learnt, key)
    }

    /// Returns the overflow series for a key beyond a cap, if it exists.
    fn overflowed(&self, learnt: &Learnt, key: &str) -> Option<&'static Series> {
        let full = learnt.series.len() >= self.spec.budget;
        let capped = self.capped(learnt, key, full)?;
        let series = learnt.series.get(&capped)?;
        self.overflow.fetch_add(1, Relaxed);
        dropped::count(DropReason::LabelOverflow);
        Some(series)
    }

    /// Replaces each value beyond its label's cap by `other`. Returns `None` if there is none.
    fn capped(&self, learnt: &Learnt, key: &str, full: bool) -> Option<String> {
        let mut any = false;
        let mut capped = String::with_capacity(key.len());
        for (n, (text, label)) in key.split(SEPARATOR).zip(self.spec.labels).enumerate() {
            let seen = learnt.values.get(n);
            let known = seen.is_some_and(|seen| seen.contains(text));
            let room = seen.map_or(0, HashSet::len) + 1 < label.cardinality;
            let over = label.dynamic && (full || !(known || room));
            capped.push_str(if over { OTHER } else { text });
            capped.push(SEPARATOR);
            any |= over;
        }
        any.then_some(capped)
    }

    fn learn(&'static self, learnt: &mut Learnt, key: &str) -> &'static Series {
        if let Some(series) = learnt.series.get(key) {
            return series;
        }
        let full = learnt.series.len() + 1 >= self.spec.budget;
        let capped = self.capped(learnt, key, full);
        if capped.is_some() {
            self.overflow.fetch_add(1, Relaxed);
            dropped::count(DropReason::LabelOverflow);
        }
        let key = capped.as_deref().unwrap_or(key);
        if let Some(series) = learnt.series.get(key) {
            return series;
        }
        let texts: Vec<String> = key.split_terminator(SEPARATOR).map(str::to_owned).collect();
        learnt.values.resize_with(texts.len(), HashSet::new);
        for (seen, text) in learnt.values.iter_mut().zip(&texts) {
            if text != OTHER {
                seen.insert(text.clone());
            }
        }
        let series = self.make(texts, LEARNT);
        learnt.series.insert(key.to_owned(), series);
        series
    }
}

/// Separates the values in a key. A value that contains it is at worst merged with another one; it cannot forge a label.
const SEPARATOR: char = '\u{1f}';
