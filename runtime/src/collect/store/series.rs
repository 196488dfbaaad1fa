//! Finding and making the series of a measurement.

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

/// The most series of one counter that are told as 0 before anything is counted.
const MOST_BEGUN: usize = 64;
/// Error kinds a function may have; more share the kind `other`.
const MAX_ERROR_KINDS: usize = 64;
/// The longest text of a label, in bytes: what Datadog keeps of a tag.
const MAX_TEXT: usize = 200;
/// Seconds are told apart from 2^-28, four nanoseconds, on.
const SECONDS_FLOOR: i16 = -28;

struct Registry {
    all: Vec<&'static Series>,
    next: usize,
    /// Page in which single cells are handed out.
    page: usize,
    /// The next single cell within it.
    cell: usize,
}

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    all: Vec::new(),
    next: 0,
    page: 0,
    cell: CELLS,
});

impl Registry {
    /// The number of the first of the cells for a series of this kind.
    fn slot(&mut self, kind: MetricKind) -> Option<u32> {
        let slot = if kind == MetricKind::Histogram {
            // Not across a page's end.
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

/// Of numbers that come while telemetry itself is at work on their thread: nothing is kept; it was counted as left out.
static LEFT_OUT: Series = Series {
    slot: (MAX_CELLS - HISTOGRAM_CELLS) as u32,
    kind: MetricKind::Counter,
    floor: 0,
    owner: Owner::Family(&NO_FAMILY, Vec::new()),
    index: LEARNT,
    foreign: OnceLock::new(),
};
static NO_FAMILY: Family = Family::new(FamilySpec {
    budget: 1,
    ..built_in::SLOW_SPEC
});

/// Whether nothing of the series is kept.
#[inline]
pub(crate) fn is_left_out(series: &Series) -> bool {
    std::ptr::eq(series, &raw const LEFT_OUT)
}

/// Makes a series; not where the thread is making one: the allocator counts what this allocates.
#[cold]
fn unless_marked(make: impl FnOnce() -> &'static Series) -> &'static Series {
    match reentry::enter_or_lose() {
        Some(_mark) => make(),
        None => &LEFT_OUT,
    }
}

/// Not a combination that has a number.
const LEARNT: u32 = u32::MAX;

fn make(kind: MetricKind, floor: i16, owner: Owner) -> &'static Series {
    make_numbered(kind, floor, owner, LEARNT)
}

fn make_numbered(kind: MetricKind, floor: i16, owner: Owner, index: u32) -> &'static Series {
    let mut registry = crate::base::fork::lock(&REGISTRY);
    let slot = registry.as_mut().and_then(|registry| registry.slot(kind));
    // The last cells are where everything past the store's end goes.
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

/// Every series there is.
pub(crate) fn all() -> Vec<&'static Series> {
    let _mark = reentry::mark();
    crate::base::fork::lock(&REGISTRY).map_or_else(Vec::new, |registry| registry.all.clone())
}

/// The durations of a site's calls that ended so.
#[inline(always)]
pub(crate) fn duration(site: &'static Site, outcome: Outcome) -> &'static Series {
    match site.series.durations[outcome as usize].get() {
        Some(series) => series,
        None => new_duration(site, outcome),
    }
}

#[cold]
fn new_duration(site: &'static Site, outcome: Outcome) -> &'static Series {
    unless_marked(|| {
        site.series.durations[outcome as usize].get_or_init(|| {
            let owner = Owner::Duration(site, outcome);
            make(MetricKind::Histogram, SECONDS_FLOOR, owner)
        })
    })
}

/// A site's running calls.
pub(crate) fn in_flight(site: &'static Site) -> &'static Series {
    let make = || make(MetricKind::Counter, 0, Owner::InFlight(site));
    made_once(&site.series.in_flight, make)
}

/// A site's slow calls.
pub(crate) fn slow(site: &'static Site) -> &'static Series {
    let make = || make(MetricKind::Counter, 0, Owner::Slow(site));
    made_once(&site.series.slow, make)
}

fn made_once(
    place: &'static OnceLock<&'static Series>,
    make: impl FnOnce() -> &'static Series,
) -> &'static Series {
    match place.get() {
        Some(series) => series,
        None => unless_marked(|| place.get_or_init(make)),
    }
}

/// A site's errors of one kind.
pub(crate) fn errors(site: &'static Site, label: ErrorLabel) -> &'static Series {
    let (mut label, mut place) = (label, &site.series.errors);
    let mut seen = 0;
    loop {
        if seen == MAX_ERROR_KINDS {
            dropped::count(DropReason::LabelOverflow);
            (label, place) = ((OTHER, label.1), &site.series.errors);
        }
        let Some(kind) = place
            .get()
            .map(|kind| &**kind)
            .or_else(|| made_kind(place, site, label))
        else {
            return &LEFT_OUT;
        };
        if is_kind(kind.label, label) {
            return kind.series;
        }
        place = &kind.next;
        seen += 1;
    }
}

/// Of one address, as labels of one place in the source are, or of one text.
#[inline]
fn is_kind(known: ErrorLabel, label: ErrorLabel) -> bool {
    (std::ptr::eq(known.0, label.0) || known.0 == label.0) && known.1 == label.1
}

#[cold]
fn made_kind(
    place: &'static OnceLock<Box<ErrorSeries>>,
    site: &'static Site,
    label: ErrorLabel,
) -> Option<&'static ErrorSeries> {
    let _mark = reentry::enter_or_lose()?;
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
    /// The series of these labels; the overflow series, counted, where there are too many.
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

    /// Makes the series of a counter whose labels are known beforehand and few, so that it is told as 0 until it counts:
    /// a backend that has seen no 0 does not see the first count as an increase (Prometheus, "Avoid missing metrics").
    pub(crate) fn begin(&'static self) {
        let is_fixed = self.spec.labels.iter().all(|label| !label.dynamic);
        let count = worst_case(self.spec.labels);
        if self.spec.kind == MetricKind::Counter && is_fixed && count <= MOST_BEGUN {
            (0..count).for_each(|index| {
                self.fixed_series(index);
            });
        }
    }

    #[cold]
    fn fixed_series(&'static self, index: usize) -> &'static Series {
        unless_marked(|| {
            let all = self.fixed.get_or_init(|| {
                let count = worst_case(self.spec.labels).max(1);
                (0..count).map(|_| OnceLock::new()).collect()
            });
            // In range, but where a label written by hand has a number over its cardinality.
            let index = index.min(all.len() - 1);
            all[index].get_or_init(|| self.make(self.texts(index), index as u32))
        })
    }

    fn make(&'static self, values: Vec<String>, index: u32) -> &'static Series {
        let owner = Owner::Family(self, values);
        make_numbered(self.spec.kind, self.spec.floor, owner, index)
    }

    /// The series with the labels that a series of another family with the same labels has.
    pub(crate) fn like(&'static self, other: &'static Series) -> &'static Series {
        match &other.owner {
            _ if is_left_out(other) => other,
            Owner::Family(_, texts) if other.index == LEARNT => {
                let Some(_mark) = reentry::enter_or_lose() else {
                    return &LEFT_OUT;
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

    /// The label values of a combination's number.
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
        let Some(_mark) = reentry::enter_or_lose() else {
            return &LEFT_OUT;
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
            // A label written by hand, whose own code panics.
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

    /// The series for a key over a cap, once there is one.
    fn overflowed(&self, learnt: &Learnt, key: &str) -> Option<&'static Series> {
        let full = learnt.series.len() >= self.spec.budget;
        let capped = self.capped(learnt, key, full)?;
        let series = learnt.series.get(&capped)?;
        self.overflow.fetch_add(1, Relaxed);
        dropped::count(DropReason::LabelOverflow);
        Some(series)
    }

    /// The key with `other` for each value over its label's cap; `None` when no value is.
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

/// Between the values of a key. A value that holds it merges with another at worst; it cannot forge a label.
const SEPARATOR: char = '\u{1f}';
