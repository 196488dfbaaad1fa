//! Numbers made from signals, and what they are compared with.

use super::signal::{Counted, Distributed, Failing, Leveled, Measured};
use super::threshold::{PerSecond, Threshold};
use crate::model::alert::{Compare, Condition, Expression, Selection};
use crate::model::unit::{self, Unit};
use std::marker::PhantomData;
use std::time::Duration;

/// Rates, counts and quantiles look back over that long, unless [`Query::over`] says otherwise.
const WINDOW: Duration = Duration::from_secs(300);

/// A number in unit `U`, made from signals of the program.
#[derive(Clone, Debug)]
#[must_use = "a query is part of a condition: say `above(..)` or `below(..)`"]
pub struct Query<U> {
    expression: Expression,
    window: Duration,
    fault: Option<String>,
    unit: PhantomData<U>,
}

impl<U: Unit> Query<U> {
    fn new(expression: Expression) -> Self {
        Self {
            expression,
            window: WINDOW,
            fault: None,
            unit: PhantomData,
        }
    }

    /// Looks back over this window; five minutes unless set.
    pub fn over(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Fires above a threshold.
    pub fn above(self, threshold: impl Threshold<U>) -> Condition {
        self.compare(Compare::Above, threshold.value(), None)
    }

    /// Fires below a threshold.
    pub fn below(self, threshold: impl Threshold<U>) -> Condition {
        self.compare(Compare::Below, threshold.value(), None)
    }

    /// Fires above `factor` times what the same query was that long `ago`: `rate(..).above_past(days(7), 2.0)`.
    pub fn above_past(self, ago: Duration, factor: f64) -> Condition {
        self.compare(Compare::Above, factor, Some(ago))
    }

    /// Fires below `factor` times what the same query was that long `ago`: `rate(..).below_past(days(7), 0.5)`.
    pub fn below_past(self, ago: Duration, factor: f64) -> Condition {
        self.compare(Compare::Below, factor, Some(ago))
    }

    fn compare(self, compare: Compare, threshold: f64, past: Option<Duration>) -> Condition {
        let mut unresolved: Vec<String> = self.expression.unresolved();
        unresolved.extend(self.fault);
        if !threshold.is_finite() {
            unresolved.push(format!("its threshold is no number ({threshold})"));
        }
        if self.window.is_zero() {
            unresolved.push("its window is zero".into());
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
    /// This level as part of another one: `level(open).of(level(max))`.
    pub fn of(self, whole: Query<unit::None>) -> Query<unit::Ratio> {
        let fault = "`of` divides one `level(..)` by another";
        match (self.expression, whole.expression) {
            (Expression::Level(part), Expression::Level(whole)) => {
                Query::new(Expression::Fraction(part, whole))
            }
            (part, _) => Query {
                fault: Some(fault.into()),
                ..Query::new(part)
            },
        }
    }
}

impl Condition {
    /// Fires when it has held for that long; at once unless set.
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

/// Which part of calls or requests fails: `error_ratio(calls(release))`. Failures of calls are panics and errors, but
/// those that `#[derive(Outcome)]` calls `expected` or `client`: a declined card is no outage. Failures of requests are
/// statuses from 500. What is cancelled is no failure.
pub fn error_ratio(of: impl Failing) -> Query<unit::Ratio> {
    let (part, whole) = of.failing();
    Query::new(Expression::Share(part, whole))
}

/// Which part `part` is of `whole`, by their rates: `share(event::<PaymentFailed>(), calls(charge))`.
pub fn share<A, B>(part: impl Counted<A>, whole: impl Counted<B>) -> Query<unit::Ratio> {
    Query::new(Expression::Share(part.selections(), whole.selections()))
}

/// How many a second.
pub fn rate<A>(of: impl Counted<A>) -> Query<PerSecond> {
    Query::new(Expression::Rate(of.selections()))
}

/// How many within the window: `count(event::<PaymentFailed>()).over(minutes(5)).above(0)`.
pub fn count<A>(of: impl Counted<A>) -> Query<unit::None> {
    Query::new(Expression::Increase(of.selections()))
}

/// Fires when nothing was counted within the window: the signal stopped, or never came.
pub fn absent<A>(of: impl Counted<A>, window: Duration) -> Condition {
    let query = count(of).over(window);
    query.compare(Compare::Absent, 0.0, None)
}

/// The value below which the part `q` of the values lie, 0 to 1: `quantile(0.999, payments::processing)`.
pub fn quantile<A, D: Distributed<A>>(q: f64, of: D) -> Query<D::Unit> {
    let query = Query::new(Expression::Quantile(q, of.selection()));
    let fault = (!(q > 0.0 && q < 1.0)).then(|| format!("there is no quantile {q}"));
    Query { fault, ..query }
}

/// The median.
pub fn p50<A, D: Distributed<A>>(of: D) -> Query<D::Unit> {
    quantile(0.5, of)
}

/// The value that 95 of a hundred do not exceed.
pub fn p95<A, D: Distributed<A>>(of: D) -> Query<D::Unit> {
    quantile(0.95, of)
}

/// The value that 99 of a hundred do not exceed.
pub fn p99<A, D: Distributed<A>>(of: D) -> Query<D::Unit> {
    quantile(0.99, of)
}

/// The mean of the values within the window.
pub fn average<A, D: Distributed<A>>(of: D) -> Query<D::Unit> {
    Query::new(Expression::Average(of.selection()))
}

/// The sum of a measure within the window: `total(event::<PaymentReleased>().measure::<Usd>("amount"))`.
pub fn total<U: Unit>(of: Measured<U>) -> Query<U> {
    Query::new(Expression::Total(vec![of.into_selection()]))
}

/// The level of a gauge, summed over its series.
pub fn level<A>(of: impl Leveled<A>) -> Query<unit::None> {
    Query::new(Expression::Level(of.selection()))
}
