//! Handles of catalog metrics, which catalog functions return.

use crate::base::reentry;
use crate::collect::{capture, dispatch, facade, store};
use crate::model::change::Change;
use crate::model::label::Labels;
use crate::model::site::{Family, Series};
use crate::model::unit::{Measure, Unit};
use std::marker::PhantomData;

/// Applies a change to a metric, for the test that captures this thread, the pipeline, or the application's own recorder.
#[inline]
pub(crate) fn change(series: &'static Series, change: Change) {
    if let Some(tap) = capture::listening() {
        to_test(&*tap, series, change);
    } else if dispatch::has_pipeline() {
        keep(series, change);
    } else {
        facade::metrics::apply(series, change);
    }
}

#[cold]
fn to_test(tap: &dyn capture::Tap, series: &'static Series, change: Change) {
    if reentry::is_marked() {
        // An annotated allocator counts an allocation that the test itself makes to store a measurement.
        reentry::count_dropped();
    } else if !store::series::is_discarded(series) {
        tap.metric(series, change);
    }
}

/// Applies a change to a metric in the store.
#[inline]
pub(crate) fn keep(series: &'static Series, change: Change) {
    match change {
        Change::Add(n) => store::add(series, n),
        Change::Record(value) => store::record(series, value),
        Change::Set(value) => store::set(series, value),
        Change::Adjust(by) => store::adjust(series, by),
    }
}

/// A count that only grows.
///
/// ```
/// # use instrumental::catalog;
/// #[catalog]
/// mod bids {
///     /// Bids submitted.
///     pub fn submitted() -> Counter;
/// }
/// bids::submitted().increment(1);
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a counter does nothing unless it is incremented"]
pub struct Counter(&'static Series);

impl Counter {
    pub(crate) fn series(self) -> &'static Series {
        self.0
    }

    /// Returns the counter with these labels.
    #[doc(hidden)]
    #[inline]
    pub fn of<L: Labels>(family: &'static Family, labels: L) -> Self {
        Self(family.series(labels))
    }

    /// Adds to the count.
    #[inline]
    pub fn increment(self, by: u64) {
        change(self.0, Change::Add(by));
    }
}

/// A value that goes up and down.
///
/// ```
/// # use instrumental::catalog;
/// #[catalog]
/// mod queue {
///     /// Jobs that wait.
///     pub fn length() -> Gauge;
/// }
/// queue::length().set(12);
/// queue::length().decrement(1);
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a gauge does nothing unless it is set"]
pub struct Gauge(&'static Series);

impl Gauge {
    pub(crate) fn series(self) -> &'static Series {
        self.0
    }

    /// Returns the gauge with these labels.
    #[doc(hidden)]
    #[inline]
    pub fn of<L: Labels>(family: &'static Family, labels: L) -> Self {
        Self(family.series(labels))
    }

    /// Sets the value. A number that is not finite is ignored and counted as dropped.
    pub fn set(self, level: impl Measure<crate::unit::None>) {
        change(self.0, Change::Set(level.measure()));
    }

    /// Adds to the value.
    pub fn increment(self, by: impl Measure<crate::unit::None>) {
        change(self.0, Change::Adjust(by.measure()));
    }

    /// Subtracts from the value.
    pub fn decrement(self, by: impl Measure<crate::unit::None>) {
        change(self.0, Change::Adjust(-by.measure()));
    }
}

/// A distribution of values in the unit `U`, including their sum.
///
/// ```
/// # use instrumental::catalog;
/// #[catalog]
/// mod payments {
///     /// Time that a card processor takes.
///     pub fn processing() -> Histogram<Seconds>;
/// }
/// payments::processing().record(std::time::Duration::from_millis(120));
/// ```
#[must_use = "a histogram does nothing unless a value is recorded"]
pub struct Histogram<U: Unit = crate::unit::None>(&'static Series, PhantomData<U>);

impl<U: Unit> Histogram<U> {
    /// Returns the histogram with these labels.
    #[doc(hidden)]
    #[inline]
    pub fn of<L: Labels>(family: &'static Family, labels: L) -> Self {
        Self(family.series(labels), PhantomData)
    }

    /// Records a value. A number that is not finite is ignored and counted as dropped.
    #[inline]
    pub fn record(self, value: impl Measure<U>) {
        change(self.0, Change::Record(value.measure()));
    }

    pub(crate) fn series(self) -> &'static Series {
        self.0
    }
}

impl<U: Unit> Clone for Histogram<U> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<U: Unit> Copy for Histogram<U> {}

impl<U: Unit> std::fmt::Debug for Histogram<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Histogram").field(&self.0).finish()
    }
}
