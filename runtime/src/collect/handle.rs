//! Handles of catalog metrics: what a catalog function returns.

use crate::base::reentry;
use crate::collect::{capture, dispatch, facade, store};
use crate::model::change::Change;
use crate::model::label::Labels;
use crate::model::site::{Family, Series};
use crate::model::unit::{Measure, Unit};
use std::marker::PhantomData;

/// Changes a metric for whoever listens: this thread's test, the pipeline, or the application's own recorder.
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
        // The allocator counts what the test's own record of this takes.
        reentry::lose();
    } else if !store::series::is_left_out(series) {
        tap.metric(series, change);
    }
}

/// Changes a metric in the store.
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

    /// The counter of these labels.
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

/// A level that goes up and down.
#[derive(Clone, Copy, Debug)]
#[must_use = "a gauge does nothing unless it is set"]
pub struct Gauge(&'static Series);

impl Gauge {
    pub(crate) fn series(self) -> &'static Series {
        self.0
    }

    /// The gauge of these labels.
    #[doc(hidden)]
    #[inline]
    pub fn of<L: Labels>(family: &'static Family, labels: L) -> Self {
        Self(family.series(labels))
    }

    /// Sets the level. Not a finite number: ignored and counted as lost.
    pub fn set(self, level: impl Measure<crate::unit::None>) {
        change(self.0, Change::Set(level.measure()));
    }

    /// Raises the level.
    pub fn increment(self, by: impl Measure<crate::unit::None>) {
        change(self.0, Change::Adjust(by.measure()));
    }

    /// Lowers the level.
    pub fn decrement(self, by: impl Measure<crate::unit::None>) {
        change(self.0, Change::Adjust(-by.measure()));
    }
}

/// A distribution of values in unit `U`. Its sum is kept too, so an amount is a query.
#[must_use = "a histogram does nothing unless a value is recorded"]
pub struct Histogram<U: Unit = crate::unit::None>(&'static Series, PhantomData<U>);

impl<U: Unit> Histogram<U> {
    /// The histogram of these labels.
    #[doc(hidden)]
    #[inline]
    pub fn of<L: Labels>(family: &'static Family, labels: L) -> Self {
        Self(family.series(labels), PhantomData)
    }

    /// Records a value. Not a finite number: ignored and counted as lost.
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
