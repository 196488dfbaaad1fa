//! Signals: traits for what a query can read, and the metrics of the catalog by path.

use super::resolve::{metric, series};
use crate::model::alert::Selection;
use crate::model::unit::Unit;
use crate::{Counter, Gauge, Histogram};
use std::any::type_name;

/// A signal whose occurrences are counted: [`calls`](super::calls), [`requests`](super::requests),
/// [`event`](super::event), [`errors`](super::errors), or a counter of the catalog, by its path (`bids::submitted`) or as one
/// series (`bids::submitted(Trade::Roofing)`).
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
/// let by_path = rate(payments::declined);
/// let one_series = rate(payments::declined());
/// let all_calls = rate(all_calls());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a counted signal",
    label = "not a counter, call, request, event or error",
    note = "name a counter of a `#[catalog]` by its path, or use `calls(..)`, `requests()`, `event::<E>()`, `errors(..)`"
)]
pub trait Counted<A> {
    #[doc(hidden)]
    fn selections(self) -> Vec<Selection>;
}

/// A signal that has a distribution of values: a histogram of the catalog, [`calls`](super::calls),
/// [`requests`](super::requests) or a measure of an event.
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
/// let of_a_histogram = p95(payments::processing);
/// let of_requests = p95(requests());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no distribution of values",
    label = "not a histogram, call, request or measure",
    note = "name a histogram of a `#[catalog]` by its path, or use `calls(..)`, `requests()`, `event::<E>().measure(..)`"
)]
pub trait Distributed<A> {
    /// The unit of the values.
    type Unit: Unit;
    #[doc(hidden)]
    fn selection(self) -> Selection;
}

/// A signal that has a level: a gauge of the catalog.
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
/// let query = level(payments::queued);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a gauge",
    label = "has no level",
    note = "name a gauge of a `#[catalog]` by its path"
)]
pub trait Leveled<A> {
    #[doc(hidden)]
    fn selection(self) -> Selection;
}

/// A signal whose occurrences can fail: [`calls`](super::calls) and [`requests`](super::requests).
///
/// ```
/// use instrumental::alerts::*;
/// let query = error_ratio(requests().route("/jobs/{id}"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no outcomes",
    label = "not calls or requests",
    note = "for other signals use `share(part, whole)`"
)]
pub trait Failing {
    /// Returns the failed occurrences, and all of them.
    #[doc(hidden)]
    fn failing(self) -> (Vec<Selection>, Vec<Selection>);
}

/// A function that is named by its path, of up to eleven arguments.
///
/// ```
/// use instrumental::alerts::*;
/// # struct PaymentService;
/// # impl PaymentService {
/// #     #[instrumental::traced]
/// #     fn release(&self) {}
/// # }
/// let of_a_method = calls(PaymentService::release);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function",
    label = "name an annotated function by its path",
    note = "as in `calls(PaymentService::release)`"
)]
pub trait Function<A> {}

/// Returns the path of a function. Each function has its own type, whose name is the path.
pub(super) fn path_of<F>(_: &F) -> &'static str {
    type_name::<F>()
}

/// Marks implementations for metric handles, which are one series.
#[derive(Debug)]
#[doc(hidden)]
pub struct Handle;

macro_rules! functions {
    ($(($($argument:ident)*))*) => {$(
        impl<F, R, $($argument),*> Function<(R, $($argument,)*)> for F where F: Fn($($argument),*) -> R {}

        impl<F, $($argument),*> Counted<fn($($argument),*)> for F
        where
            F: Fn($($argument),*) -> Counter,
        {
            fn selections(self) -> Vec<Selection> {
                vec![metric(path_of(&self))]
            }
        }

        impl<F, $($argument),*> Leveled<fn($($argument),*)> for F
        where
            F: Fn($($argument),*) -> Gauge,
        {
            fn selection(self) -> Selection {
                metric(path_of(&self))
            }
        }

        impl<F, U: Unit, $($argument),*> Distributed<(U, fn($($argument),*))> for F
        where
            F: Fn($($argument),*) -> Histogram<U>,
        {
            type Unit = U;
            fn selection(self) -> Selection {
                metric(path_of(&self))
            }
        }
    )*};
}
functions! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E G) (A B C D E G H) (A B C D E G H I) (A B C D E G H I J)
    (A B C D E G H I J K) (A B C D E G H I J K L)
}

impl Counted<Handle> for Counter {
    fn selections(self) -> Vec<Selection> {
        vec![series(self.series())]
    }
}

impl Leveled<Handle> for Gauge {
    fn selection(self) -> Selection {
        series(self.series())
    }
}

impl<U: Unit> Distributed<Handle> for Histogram<U> {
    type Unit = U;
    fn selection(self) -> Selection {
        series(self.series())
    }
}
