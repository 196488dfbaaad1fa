//! Thresholds, each with a unit.

use crate::model::unit::{self, Unit};
use std::marker::PhantomData;
use std::time::Duration;

/// The unit of rates: occurrences per second.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::traced]
/// # fn release() {}
/// let query: Query<PerSecond> = rate(calls(release));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerSecond;

impl Unit for PerSecond {
    const CODE: &'static str = "/s";
    const WORD: &'static str = "";
    const FLOOR: i16 = -10;
}

/// A number with a unit.
///
/// ```
/// use instrumental::alerts::*;
/// let half: Amount<instrumental::unit::Ratio> = percent(50);
/// assert_eq!(half, ratio(0.5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount<U>(f64, PhantomData<U>);

impl<U> Amount<U> {
    const fn new(value: f64) -> Self {
        Self(value, PhantomData)
    }
}

/// A value that a query in unit `U` can be compared with.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::traced]
/// # fn release() {}
/// let slow = p95(calls(release)).above(seconds(2)); // a duration
/// let failing = error_ratio(calls(release)).above(percent(5)); // a ratio
/// let frequent = count(calls(release)).above(1000); // a number
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a threshold in `{U}`",
    label = "not in `{U}`",
    note = "ratios: `percent(5)`; durations: `millis(500)`, `seconds(2)`; rates: `per_minute(10)`; money: `usd(100)`; \
            counts and levels: a number"
)]
pub trait Threshold<U> {
    /// Returns the threshold in the base unit.
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

/// Returns a ratio in percent: `percent(5)` is 0.05.
///
/// ```
/// use instrumental::alerts::*;
/// assert_eq!(percent(5), ratio(0.05));
/// ```
#[must_use]
pub fn percent(value: impl Into<f64>) -> Amount<unit::Ratio> {
    Amount::new(value.into() / 100.0)
}

/// Returns a ratio, where 1 is the whole.
///
/// ```
/// use instrumental::alerts::*;
/// let condition = error_ratio(all_calls()).above(ratio(0.01));
/// ```
#[must_use]
pub fn ratio(value: f64) -> Amount<unit::Ratio> {
    Amount::new(value)
}

/// Returns a rate per second.
///
/// ```
/// use instrumental::alerts::*;
/// assert_eq!(per_second(1), per_minute(60));
/// ```
#[must_use]
pub fn per_second(count: impl Into<f64>) -> Amount<PerSecond> {
    Amount::new(count.into())
}

/// Returns a rate per minute.
///
/// ```
/// use instrumental::alerts::*;
/// assert_eq!(per_minute(1), per_hour(60));
/// ```
#[must_use]
pub fn per_minute(count: impl Into<f64>) -> Amount<PerSecond> {
    Amount::new(count.into() / 60.0)
}

/// Returns a rate per hour.
///
/// ```
/// use instrumental::alerts::*;
/// assert_eq!(per_hour(7200), per_second(2));
/// ```
#[must_use]
pub fn per_hour(count: impl Into<f64>) -> Amount<PerSecond> {
    Amount::new(count.into() / 3600.0)
}

/// Returns an amount in US dollars.
///
/// ```
/// use instrumental::alerts::*;
/// let threshold: Amount<instrumental::unit::Usd> = usd(100);
/// ```
#[must_use]
pub fn usd(amount: impl Into<f64>) -> Amount<unit::Usd> {
    Amount::new(amount.into())
}

/// Returns an amount in euros.
///
/// ```
/// use instrumental::alerts::*;
/// let threshold: Amount<instrumental::unit::Eur> = eur(100);
/// ```
#[must_use]
pub fn eur(amount: impl Into<f64>) -> Amount<unit::Eur> {
    Amount::new(amount.into())
}

/// Returns a number of bytes.
///
/// ```
/// use instrumental::alerts::*;
/// let threshold: Amount<instrumental::unit::Bytes> = bytes(100);
/// ```
#[must_use]
pub fn bytes(bytes: impl Into<f64>) -> Amount<unit::Bytes> {
    Amount::new(bytes.into())
}

/// Returns a duration in milliseconds.
///
/// ```
/// use instrumental::alerts::*;
/// assert_eq!(millis(1500), std::time::Duration::from_secs_f64(1.5));
/// ```
#[must_use]
pub const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Returns a duration in seconds.
///
/// ```
/// use instrumental::alerts::*;
/// assert_eq!(seconds(2), millis(2000));
/// ```
#[must_use]
pub const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Returns a duration in minutes.
///
/// ```
/// use instrumental::alerts::*;
/// assert_eq!(minutes(2), seconds(120));
/// ```
#[must_use]
pub const fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

/// Returns a duration in hours.
///
/// ```
/// use instrumental::alerts::*;
/// assert_eq!(hours(2), minutes(120));
/// ```
#[must_use]
pub const fn hours(n: u64) -> Duration {
    minutes(60 * n)
}

/// Returns a duration in days of 24 hours.
///
/// ```
/// use instrumental::alerts::*;
/// assert_eq!(days(2), hours(48));
/// ```
#[must_use]
pub const fn days(n: u64) -> Duration {
    hours(24 * n)
}
