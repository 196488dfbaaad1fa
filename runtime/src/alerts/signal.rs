//! Signals, by what the program calls them.

use super::resolve::{built_in, matcher, metric, none, of_family, series, sites};
use crate::model::alert::{Is, Matcher, Selection};
use crate::model::event::Event;
use crate::model::fault::{Classified, ErrorKind};
use crate::model::site::Site;
use crate::model::unit::{Seconds, Unit};
use crate::{Counter, Gauge, Histogram, Outcome};
use std::any::type_name;
use std::marker::PhantomData;

const DURATION: &str = "function.duration";
const ERRORS: &str = "function.errors";

/// A signal whose occurrences are counted: a counter of the catalog (`bids::submitted`, or one series of it,
/// `bids::submitted(Trade::Roofing)`), [`calls`], [`requests`], an [`event`], [`errors`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that is counted",
    label = "no counter, call, request, event or error",
    note = "name a counter of a `#[catalog]` by its path, or use `calls(..)`, `requests()`, `event::<E>()`, `errors(..)`"
)]
pub trait Counted<A> {
    #[doc(hidden)]
    fn selections(self) -> Vec<Selection>;
}

/// A signal whose values are distributed: a histogram of the catalog, [`calls`], [`requests`], a measure of an event.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no distribution of values",
    label = "no histogram, call, request or measure",
    note = "name a histogram of a `#[catalog]` by its path, or use `calls(..)`, `requests()`, `event::<E>().measure(..)`"
)]
pub trait Distributed<A> {
    /// The unit of its values.
    type Unit: Unit;
    #[doc(hidden)]
    fn selection(self) -> Selection;
}

/// A level: a gauge of the catalog.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no level",
    label = "no gauge",
    note = "name a gauge of a `#[catalog]` by its path"
)]
pub trait Leveled<A> {
    #[doc(hidden)]
    fn selection(self) -> Selection;
}

/// What can fail: [`calls`] and [`requests`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no outcomes",
    label = "neither calls nor requests",
    note = "for other signals write `share(part, whole)`"
)]
pub trait Failing {
    /// Those that fail, and all.
    #[doc(hidden)]
    fn failing(self) -> (Vec<Selection>, Vec<Selection>);
}

/// A function, by its path.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no function",
    label = "name an annotated function by its path",
    note = "as in `calls(PaymentService::release)`"
)]
pub trait Function<A> {}

/// The function's type is one of its own, whose name is the function's path.
fn path_of<F>(_: &F) -> &'static str {
    type_name::<F>()
}

/// One series of a metric, given by its labels.
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

/// Calls of annotated functions.
#[derive(Clone, Debug)]
pub struct Calls {
    /// Empty: of all.
    sites: Vec<&'static Site>,
    outcomes: Vec<Outcome>,
    unresolved: Option<String>,
}

/// Calls of an annotated function: `calls(PaymentService::release)`. Up to eleven arguments.
pub fn calls<A>(function: impl Function<A>) -> Calls {
    let (sites, unresolved) = match sites(path_of(&function)) {
        Ok(sites) => (sites, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    Calls {
        sites,
        outcomes: Vec::new(),
        unresolved,
    }
}

/// Calls of every annotated function.
#[must_use]
pub fn all_calls() -> Calls {
    Calls {
        sites: Vec::new(),
        outcomes: Vec::new(),
        unresolved: None,
    }
}

impl Calls {
    /// These calls and those of another function.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.sites.extend(other.sites);
        self.unresolved = self.unresolved.or(other.unresolved);
        self
    }

    /// Those that end so: `calls(report).ending(Outcome::Cancelled)`.
    #[must_use]
    pub fn ending(mut self, outcome: Outcome) -> Self {
        self.outcomes.push(outcome);
        self
    }

    fn of(&self, name: &'static str) -> Selection {
        if let Some(why) = &self.unresolved {
            return none(why.clone());
        }
        let mut matchers = Vec::new();
        if !self.sites.is_empty() {
            let of = |value: fn(&'static Site) -> &'static str| {
                let mut values: Vec<_> = self.sites.iter().map(|s| value(s).to_owned()).collect();
                values.sort_unstable();
                values.dedup();
                values
            };
            matchers.push(matcher("function", of(|site| site.function())));
            matchers.push(matcher("module", of(|site| site.spec().module)));
        }
        if !self.outcomes.is_empty() {
            let outcomes = self.outcomes.iter().map(|o| o.as_str().to_owned());
            matchers.push(matcher("outcome", outcomes.collect()));
        }
        Selection {
            metric: name,
            matchers,
            unresolved: None,
        }
    }
}

impl Counted<Self> for Calls {
    fn selections(self) -> Vec<Selection> {
        vec![self.of(DURATION)]
    }
}

impl Distributed<Self> for Calls {
    type Unit = Seconds;
    fn selection(self) -> Selection {
        self.of(DURATION)
    }
}

impl Failing for Calls {
    fn failing(self) -> (Vec<Selection>, Vec<Selection>) {
        let mut failing = self.of(ERRORS);
        failing
            .matchers
            .retain(|matcher| matcher.label != "outcome");
        let failures = ErrorKind::ALL.into_iter().filter(|kind| kind.is_failure());
        let failures = failures.map(|kind| kind.as_str().to_owned());
        failing.matchers.push(matcher("class", failures.collect()));
        (vec![failing], vec![self.of(DURATION)])
    }
}

/// Errors of one kind that annotated functions return.
#[derive(Clone, Debug)]
pub struct Errors {
    label: &'static str,
    calls: Calls,
}

/// Errors of one kind, by a value of it: `errors(&ApiError::InvalidToken, calls(authenticate))`. An error that is handed
/// on by `?` is counted by each annotated function: name one.
#[must_use]
pub fn errors<E: Classified + ?Sized>(like: &E, returned_by: Calls) -> Errors {
    Errors {
        label: like.label(),
        calls: returned_by,
    }
}

impl Counted<Self> for Errors {
    fn selections(self) -> Vec<Selection> {
        let mut selection = self.calls.of(ERRORS);
        selection
            .matchers
            .retain(|matcher| matcher.label != "outcome");
        selection
            .matchers
            .push(matcher("error", vec![self.label.into()]));
        vec![selection]
    }
}

/// Requests to this service, as the `http` layer records them.
#[derive(Clone, Debug)]
pub struct Requests {
    matchers: Vec<Matcher>,
}

/// Requests to this service.
#[must_use]
pub fn requests() -> Requests {
    Requests {
        matchers: Vec::new(),
    }
}

impl Requests {
    /// Those of a route, as the router spells it: `/jobs/{id}`.
    #[must_use]
    pub fn route(mut self, route: impl Into<String>) -> Self {
        self.matchers
            .push(matcher("http.route", vec![route.into()]));
        self
    }

    /// Those of a method: `POST`.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        let method = vec![method.into()];
        self.matchers.push(matcher("http.request.method", method));
        self
    }

    /// Those that are answered with a status that begins so: `"4"`, `"503"`.
    #[must_use]
    pub fn status(mut self, begins_with: impl Into<String>) -> Self {
        self.matchers.push(Matcher {
            label: "http.response.status_code",
            is: Is::Prefix,
            values: vec![begins_with.into()],
        });
        self
    }

    fn selection(self) -> Selection {
        Selection {
            matchers: self.matchers,
            ..built_in("http.server.request.duration")
        }
    }
}

impl Counted<Self> for Requests {
    fn selections(self) -> Vec<Selection> {
        vec![self.selection()]
    }
}

impl Distributed<Self> for Requests {
    type Unit = Seconds;
    fn selection(self) -> Selection {
        self.selection()
    }
}

impl Failing for Requests {
    fn failing(self) -> (Vec<Selection>, Vec<Selection>) {
        let all = self.clone().selection();
        (vec![self.status("5").selection()], vec![all])
    }
}

/// Business events of one kind.
#[derive(Debug)]
pub struct Events<E>(PhantomData<E>);

/// Business events, by their type: `event::<PaymentFailed>()`.
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
    /// A measure of the event, by its field's name, in the unit that its declaration says.
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
            Some((family, _)) => none(format!(
                "`{}` is measured in `{}`, not in `{}`",
                family.spec.name,
                family.spec.unit,
                U::CODE
            )),
            None => none(format!("event `{event}` has no measure `{field}`")),
        };
        Measured(selection, PhantomData)
    }
}

/// A measure of a business event, in unit `U`.
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
