//! Business events and their measures.

use super::resolve::{of_family, unresolved};
use super::signal::{Counted, Distributed};
use crate::model::alert::Selection;
use crate::model::event::Event;
use crate::model::unit::Unit;
use std::marker::PhantomData;

/// Business events of one type. [`event`] returns it.
#[derive(Debug)]
pub struct Events<E>(PhantomData<E>);

/// Returns the business events of a type.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::business_event("payment.failed")]
/// # struct PaymentFailed {
/// #     #[measure(usd)]
/// #     amount: f64,
/// # }
/// let failures = count(event::<PaymentFailed>()).above(10);
/// ```
#[must_use]
pub fn event<E: Event>() -> Events<E> {
    Events(PhantomData)
}

impl<E: Event> Counted<Self> for Events<E> {
    fn selections(self) -> Vec<Selection> {
        vec![of_family(E::site().counter())]
    }
}

impl<E: Event> Events<E> {
    /// Returns a measure of the event: the field with this name, in the unit of its declaration.
    ///
    /// [`check!`](crate::check) reports an unknown field and another unit.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// use instrumental::unit::Usd;
    /// # #[instrumental::business_event("payment.failed")]
    /// # struct PaymentFailed {
    /// #     #[measure(usd)]
    /// #     amount: f64,
    /// # }
    /// let large = p95(event::<PaymentFailed>().measure::<Usd>("amount")).above(usd(1000));
    /// ```
    #[must_use]
    pub fn measure<U: Unit>(self, field: &str) -> Measured<U> {
        let event = E::site().spec().name;
        let families = E::site().measures().iter();
        let named = families.map(|family| (family, family.spec.name.strip_prefix(event)));
        let found = named
            .filter_map(|(family, rest)| Some((family, rest?.strip_prefix('.')?)))
            .find(|(_, name)| *name == field);
        let selection = match found {
            Some((family, _)) if family.spec.unit == U::CODE => of_family(family),
            Some((family, _)) => unresolved(format!(
                "`{}` is measured in `{}`, not in `{}`",
                family.spec.name,
                family.spec.unit,
                U::CODE
            )),
            None => unresolved(format!("event `{event}` has no measure `{field}`")),
        };
        Measured(selection, PhantomData)
    }
}

/// A measure of a business event, in unit `U`. [`Events::measure`] returns it.
#[derive(Clone, Debug)]
pub struct Measured<U>(Selection, PhantomData<U>);

impl<U> Measured<U> {
    pub(super) fn into_selection(self) -> Selection {
        self.0
    }
}

impl<U: Unit> Distributed<Self> for Measured<U> {
    type Unit = U;
    fn selection(self) -> Selection {
        self.0
    }
}
