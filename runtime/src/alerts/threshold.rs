//! Thresholds, each of a unit.

use crate::model::unit::{self, Unit};
use std::marker::PhantomData;
use std::time::Duration;

/// Unit of rates: events a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerSecond;

impl Unit for PerSecond {
    const CODE: &'static str = "/s";
    const WORD: &'static str = "";
    const FLOOR: i16 = -10;
}

/// A number of a unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount<U>(f64, PhantomData<U>);

impl<U> Amount<U> {
    const fn new(value: f64) -> Self {
        Self(value, PhantomData)
    }
}

/// What a query in unit `U` can be compared with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no threshold in `{U}`",
    label = "this is not in `{U}`",
    note = "ratios: `percent(5)`; durations: `millis(500)`, `seconds(2)`; rates: `per_minute(10)`; money: `usd(100)`; \
            counts and levels: a number"
)]
pub trait Threshold<U> {
    /// In the base unit.
    #[doc(hidden)]
    fn value(self) -> f64;
}

impl<U> Threshold<U> for Amount<U> {
    fn value(self) -> f64 {
        self.0
    }
}

impl Threshold<unit::Seconds> for Duration {
    fn value(self) -> f64 {
        self.as_secs_f64()
    }
}

macro_rules! numbers {
    ($($unit:ty: $($number:ty)*;)*) => {$($(
        impl Threshold<$unit> for $number {
            fn value(self) -> f64 { f64::from(self) }
        }
    )*)*};
}
numbers! {
    unit::None: i32 u32 f64;
    unit::Items: i32 u32 f64;
}

/// Percent of a ratio: `percent(5)` is 0.05.
#[must_use]
pub fn percent(of_a_hundred: impl Into<f64>) -> Amount<unit::Ratio> {
    Amount::new(of_a_hundred.into() / 100.0)
}

/// A ratio: 1 is all of it.
#[must_use]
pub fn ratio(of_one: f64) -> Amount<unit::Ratio> {
    Amount::new(of_one)
}

/// Events a second.
#[must_use]
pub fn per_second(events: impl Into<f64>) -> Amount<PerSecond> {
    Amount::new(events.into())
}

/// Events a minute.
#[must_use]
pub fn per_minute(events: impl Into<f64>) -> Amount<PerSecond> {
    Amount::new(events.into() / 60.0)
}

/// Events an hour.
#[must_use]
pub fn per_hour(events: impl Into<f64>) -> Amount<PerSecond> {
    Amount::new(events.into() / 3600.0)
}

/// US dollars.
#[must_use]
pub fn usd(amount: impl Into<f64>) -> Amount<unit::Usd> {
    Amount::new(amount.into())
}

/// Euros.
#[must_use]
pub fn eur(amount: impl Into<f64>) -> Amount<unit::Eur> {
    Amount::new(amount.into())
}

/// Bytes.
#[must_use]
pub fn bytes(bytes: impl Into<f64>) -> Amount<unit::Bytes> {
    Amount::new(bytes.into())
}

/// Milliseconds.
#[must_use]
pub const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Seconds.
#[must_use]
pub const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Minutes.
#[must_use]
pub const fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

/// Hours.
#[must_use]
pub const fn hours(n: u64) -> Duration {
    minutes(60 * n)
}

/// Days of 24 hours.
#[must_use]
pub const fn days(n: u64) -> Duration {
    hours(24 * n)
}
