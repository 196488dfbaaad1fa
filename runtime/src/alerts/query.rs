//! Queries over signals, and the comparisons that make a condition of them.

use super::events::Measured;
use super::signal::{Counted, Distributed, Failing, Leveled};
use super::threshold::{PerSecond, Threshold};
use crate::model::alert::{Compare, Condition, Expression, Selection};
use crate::model::unit::{self, Unit};
use std::marker::PhantomData;
use std::time::Duration;

/// The window of a query unless [`Query::over`] sets it.
const WINDOW: Duration = Duration::from_secs(300);

/// A number in unit `U`, computed from signals of the program.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::traced]
/// # fn release() {}
/// let query: Query<instrumental::unit::Ratio> = error_ratio(calls(release)).over(minutes(10));
/// let condition: Condition = query.above(percent(5)).lasting(minutes(5));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a query is not a condition yet: add `.above(..)` or `.below(..)`"]
pub struct Query<U> {
    expression: Expression,
    window: Duration,
    problem: Option<String>,
    unit: PhantomData<U>,
}

impl<U: Unit> Query<U> {
    fn new(expression: Expression) -> Self {
        Self {
            expression,
            window: WINDOW,
            problem: None,
            unit: PhantomData,
        }
    }

    /// Sets the time over which rates, counts and quantiles are computed. Unless set, it is five minutes.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// # #[instrumental::traced]
    /// # fn release() {}
    /// let failures = count(calls(release)).over(hours(1)).above(1000);
    /// ```
    pub fn over(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Returns a condition that fires above the threshold.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// # #[instrumental::traced]
    /// # fn release() {}
    /// let slow = p95(calls(release)).above(seconds(2));
    /// ```
    pub fn above(self, threshold: impl Threshold<U>) -> Condition {
        self.compare(Compare::Above, threshold.value(), None)
    }

    /// Returns a condition that fires below the threshold.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// # #[instrumental::traced]
    /// # fn release() {}
    /// let idle = rate(calls(release)).below(per_minute(1));
    /// ```
    pub fn below(self, threshold: impl Threshold<U>) -> Condition {
        self.compare(Compare::Below, threshold.value(), None)
    }

    /// Returns a condition that fires above `factor` times the value that this query had that long `ago`.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// # #[instrumental::traced]
    /// # fn release() {}
    /// // Twice as many calls as a week ago.
    /// let surge = rate(calls(release)).above_past(days(7), 2.0);
    /// ```
    pub fn above_past(self, ago: Duration, factor: f64) -> Condition {
        self.compare(Compare::Above, factor, Some(ago))
    }

    /// Returns a condition that fires below `factor` times the value that this query had that long `ago`.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// # #[instrumental::traced]
    /// # fn release() {}
    /// // Half as many calls as a week ago.
    /// let slump = rate(calls(release)).below_past(days(7), 0.5);
    /// ```
    pub fn below_past(self, ago: Duration, factor: f64) -> Condition {
        self.compare(Compare::Below, factor, Some(ago))
    }

    fn compare(self, compare: Compare, threshold: f64, past: Option<Duration>) -> Condition {
        let mut unresolved: Vec<String> = self.expression.unresolved();
        unresolved.extend(self.problem);
        if !threshold.is_finite() {
            unresolved.push(format!("the threshold is not a finite number: {threshold}"));
        }
        if self.window.is_zero() {
            unresolved.push("the window is zero".into());
        }
        Condition {
            query: self.expression,
            window: self.window,
            compare,
            threshold,
            unit: if past.is_some() { "" } else { U::CODE },
            lasting: Duration::ZERO,
            past,
            unresolved,
        }
    }
}

impl Query<unit::None> {
    /// Returns the ratio of this level to another.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// # #[instrumental::catalog]
    /// # mod payments {
    /// #     /// Time that the card processor takes.
    /// #     pub fn processing() -> Histogram<Seconds>;
    /// #     /// Payments declined.
    /// #     pub fn declined() -> Counter;
    /// #     /// Payments in the queue.
    /// #     pub fn queued() -> Gauge;
    /// #     /// Room in the queue.
    /// #     pub fn capacity() -> Gauge;
    /// # }
    /// let full = level(payments::queued).of(level(payments::capacity)).above(percent(90));
    /// ```
    pub fn of(self, whole: Query<unit::None>) -> Query<unit::Ratio> {
        let problem = "`of` takes `level(..)` on both sides";
        match (self.expression, whole.expression) {
            (Expression::Level(part), Expression::Level(whole)) => {
                Query::new(Expression::Fraction(part, whole))
            }
            (part, _) => Query {
                problem: Some(problem.into()),
                ..Query::new(part)
            },
        }
    }
}

impl Condition {
    /// Sets how long the condition has to hold before the alert fires. Unless set, it fires at once.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// # #[instrumental::traced]
    /// # fn release() {}
    /// let condition = error_ratio(calls(release)).above(percent(5)).lasting(minutes(5));
    /// ```
    pub fn lasting(mut self, time: Duration) -> Self {
        self.lasting = time;
        self
    }
}

impl Expression {
    fn unresolved(&self) -> Vec<String> {
        let mut all: Vec<&Selection> = Vec::new();
        match self {
            Self::Rate(of) | Self::Increase(of) | Self::Total(of) => all.extend(of),
            Self::Share(part, whole) => all.extend(part.iter().chain(whole)),
            Self::Quantile(_, of) | Self::Average(of) | Self::Level(of) => all.push(of),
            Self::Fraction(part, whole) => all.extend([part, whole]),
        }
        let mut unresolved: Vec<_> = all.iter().filter_map(|s| s.unresolved.clone()).collect();
        unresolved.dedup();
        unresolved
    }
}

/// Returns the ratio of calls or requests that fail.
///
/// A call fails if it panics or returns an error, unless `#[derive(Outcome)]` classifies the error as `expected` or
/// `client`: a declined card is not an outage. A request fails if its status is 500 or above. A cancelled call or request
/// does not fail.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::traced]
/// # fn release() {}
/// let condition = error_ratio(calls(release)).above(percent(5));
/// ```
pub fn error_ratio(of: impl Failing) -> Query<unit::Ratio> {
    let (part, whole) = of.failing();
    Query::new(Expression::Share(part, whole))
}

/// Returns the ratio of the rates of two signals.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::business_event("payment.failed")]
/// # struct PaymentFailed {
/// #     #[measure(usd)]
/// #     amount: f64,
/// # }
/// # #[instrumental::traced]
/// # fn release() {}
/// let condition = share(event::<PaymentFailed>(), calls(release)).above(percent(10));
/// ```
pub fn share<A, B>(part: impl Counted<A>, whole: impl Counted<B>) -> Query<unit::Ratio> {
    Query::new(Expression::Share(part.selections(), whole.selections()))
}

/// Returns how many times a signal occurs per second.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::traced]
/// # fn release() {}
/// let condition = rate(calls(release)).above(per_second(100));
/// ```
pub fn rate<A>(of: impl Counted<A>) -> Query<PerSecond> {
    Query::new(Expression::Rate(of.selections()))
}

/// Returns how many times a signal occurs within the window.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::business_event("payment.failed")]
/// # struct PaymentFailed {
/// #     #[measure(usd)]
/// #     amount: f64,
/// # }
/// let condition = count(event::<PaymentFailed>()).over(minutes(5)).above(0);
/// ```
pub fn count<A>(of: impl Counted<A>) -> Query<unit::None> {
    Query::new(Expression::Increase(of.selections()))
}

/// Returns a condition that fires if a signal does not occur within the window.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::traced]
/// # fn release() {}
/// let stopped = absent(calls(release), hours(1));
/// ```
pub fn absent<A>(of: impl Counted<A>, window: Duration) -> Condition {
    let query = count(of).over(window);
    query.compare(Compare::Absent, 0.0, None)
}

/// Returns the `q` quantile of the values within the window, with `q` between 0 and 1, exclusive. Another `q` is reported by
/// [`check!`](crate::check).
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::catalog]
/// # mod payments {
/// #     /// Time that the card processor takes.
/// #     pub fn processing() -> Histogram<Seconds>;
/// #     /// Payments declined.
/// #     pub fn declined() -> Counter;
/// #     /// Payments in the queue.
/// #     pub fn queued() -> Gauge;
/// #     /// Room in the queue.
/// #     pub fn capacity() -> Gauge;
/// # }
/// let condition = quantile(0.999, payments::processing).above(seconds(5));
/// ```
pub fn quantile<A, D: Distributed<A>>(q: f64, of: D) -> Query<D::Unit> {
    let query = Query::new(Expression::Quantile(q, of.selection()));
    let problem =
        (!(q > 0.0 && q < 1.0)).then(|| format!("the quantile {q} is not between 0 and 1"));
    Query { problem, ..query }
}

/// Returns the median of the values within the window.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::traced]
/// # fn release() {}
/// let condition = p50(calls(release)).above(millis(200));
/// ```
pub fn p50<A, D: Distributed<A>>(of: D) -> Query<D::Unit> {
    quantile(0.5, of)
}

/// Returns the 95th percentile of the values within the window.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::traced]
/// # fn release() {}
/// let condition = p95(calls(release)).above(millis(500));
/// ```
pub fn p95<A, D: Distributed<A>>(of: D) -> Query<D::Unit> {
    quantile(0.95, of)
}

/// Returns the 99th percentile of the values within the window.
///
/// ```
/// use instrumental::alerts::*;
/// let condition = p99(requests()).above(seconds(1));
/// ```
pub fn p99<A, D: Distributed<A>>(of: D) -> Query<D::Unit> {
    quantile(0.99, of)
}

/// Returns the mean of the values within the window.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::catalog]
/// # mod payments {
/// #     /// Time that the card processor takes.
/// #     pub fn processing() -> Histogram<Seconds>;
/// #     /// Payments declined.
/// #     pub fn declined() -> Counter;
/// #     /// Payments in the queue.
/// #     pub fn queued() -> Gauge;
/// #     /// Room in the queue.
/// #     pub fn capacity() -> Gauge;
/// # }
/// let condition = average(payments::processing).above(seconds(1));
/// ```
pub fn average<A, D: Distributed<A>>(of: D) -> Query<D::Unit> {
    Query::new(Expression::Average(of.selection()))
}

/// Returns the sum of a measure of an event within the window.
///
/// ```
/// use instrumental::alerts::*;
/// use instrumental::unit::Usd;
/// # #[instrumental::business_event("payment.failed")]
/// # struct PaymentFailed {
/// #     #[measure(usd)]
/// #     amount: f64,
/// # }
/// let condition = total(event::<PaymentFailed>().measure::<Usd>("amount")).over(hours(1)).above(usd(10_000));
/// ```
pub fn total<U: Unit>(of: Measured<U>) -> Query<U> {
    Query::new(Expression::Total(vec![of.into_selection()]))
}

/// Returns the level of a gauge, summed over its series.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::catalog]
/// # mod payments {
/// #     /// Time that the card processor takes.
/// #     pub fn processing() -> Histogram<Seconds>;
/// #     /// Payments declined.
/// #     pub fn declined() -> Counter;
/// #     /// Payments in the queue.
/// #     pub fn queued() -> Gauge;
/// #     /// Room in the queue.
/// #     pub fn capacity() -> Gauge;
/// # }
/// let condition = level(payments::queued).above(1000);
/// ```
pub fn level<A>(of: impl Leveled<A>) -> Query<unit::None> {
    Query::new(Expression::Level(of.selection()))
}
