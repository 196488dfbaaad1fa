//! Calls of annotated functions, and the errors that they return.

use super::resolve::{matcher, sites, unresolved};
use super::signal::{Counted, Distributed, Failing, Function, path_of};
use crate::Outcome;
use crate::model::alert::Selection;
use crate::model::fault::{Classified, ErrorKind};
use crate::model::site::Site;
use crate::model::unit::Seconds;

const DURATION: &str = "function.duration";
const ERRORS: &str = "function.errors";

/// Calls of annotated functions. [`calls`] and [`all_calls`] return it.
#[derive(Clone, Debug)]
pub struct Calls {
    /// The functions; empty for all functions.
    sites: Vec<&'static Site>,
    outcomes: Vec<Outcome>,
    unresolved: Option<String>,
}

/// Returns the calls of an annotated function, which may have up to eleven arguments.
///
/// [`check!`](crate::check) reports a function that is not annotated with `#[traced]`.
///
/// ```
/// use instrumental::alerts::*;
/// # #[instrumental::traced]
/// # fn release() {}
/// let slow = p95(calls(release)).above(seconds(1));
/// ```
pub fn calls<A>(function: impl Function<A>) -> Calls {
    let (sites, unresolved) = match sites(path_of(&function)) {
        Ok(sites) => (sites, None),
        Err(reason) => (Vec::new(), Some(reason)),
    };
    Calls {
        sites,
        outcomes: Vec::new(),
        unresolved,
    }
}

/// Returns the calls of every annotated function.
///
/// ```
/// use instrumental::alerts::*;
/// let failures = error_ratio(all_calls()).above(percent(1));
/// ```
#[must_use]
pub fn all_calls() -> Calls {
    Calls {
        sites: Vec::new(),
        outcomes: Vec::new(),
        unresolved: None,
    }
}

impl Calls {
    /// Adds the calls of other functions.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// # #[instrumental::traced]
    /// # fn release() {}
    /// # #[instrumental::traced]
    /// # fn refund() {}
    /// let both = calls(release).and(calls(refund));
    /// ```
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.sites.extend(other.sites);
        self.unresolved = self.unresolved.or(other.unresolved);
        self
    }

    /// Keeps the calls with this outcome. Further outcomes are alternatives.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// use instrumental::Outcome;
    /// # #[instrumental::traced]
    /// # fn release() {}
    /// let cancelled = share(calls(release).ending(Outcome::Cancelled), calls(release));
    /// ```
    #[must_use]
    pub fn ending(mut self, outcome: Outcome) -> Self {
        self.outcomes.push(outcome);
        self
    }

    /// Selects these calls in a metric that has the labels `function`, `module` and `outcome`.
    fn in_metric(&self, name: &'static str) -> Selection {
        if let Some(reason) = &self.unresolved {
            return unresolved(reason.clone());
        }
        let mut matchers = Vec::new();
        if !self.sites.is_empty() {
            let distinct = |value: fn(&'static Site) -> &'static str| {
                let mut values: Vec<_> = self.sites.iter().map(|s| value(s).to_owned()).collect();
                values.sort_unstable();
                values.dedup();
                values
            };
            matchers.push(matcher("function", distinct(|site| site.function())));
            matchers.push(matcher("module", distinct(|site| site.spec().module)));
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
        vec![self.in_metric(DURATION)]
    }
}

impl Distributed<Self> for Calls {
    type Unit = Seconds;
    fn selection(self) -> Selection {
        self.in_metric(DURATION)
    }
}

impl Failing for Calls {
    fn failing(self) -> (Vec<Selection>, Vec<Selection>) {
        let mut failing = self.in_metric(ERRORS);
        failing
            .matchers
            .retain(|matcher| matcher.label != "outcome");
        let failures = ErrorKind::ALL.into_iter().filter(|kind| kind.is_failure());
        let failures = failures.map(|kind| kind.as_str().to_owned());
        failing.matchers.push(matcher("class", failures.collect()));
        (vec![failing], vec![self.in_metric(DURATION)])
    }
}

/// Errors of one kind that annotated functions return. [`errors`] returns it.
#[derive(Clone, Debug)]
pub struct Errors {
    label: &'static str,
    calls: Calls,
}

/// Returns the errors that are of the same kind as an example value.
///
/// An error that `?` passes on is counted by each annotated function that returns it, so name one of them.
///
/// ```
/// use instrumental::alerts::*;
/// # #[derive(Debug, instrumental::Outcome)]
/// # enum ApiError {
/// #     #[outcome(client)]
/// #     InvalidToken,
/// # }
/// # #[instrumental::traced]
/// # fn authenticate() -> Result<(), ApiError> {
/// #     Err(ApiError::InvalidToken)
/// # }
/// let attack = rate(errors(&ApiError::InvalidToken, calls(authenticate))).above(per_second(10));
/// ```
#[must_use]
pub fn errors<E: Classified + ?Sized>(like: &E, returned_by: Calls) -> Errors {
    Errors {
        label: like.label(),
        calls: returned_by,
    }
}

impl Counted<Self> for Errors {
    fn selections(self) -> Vec<Selection> {
        let mut selection = self.calls.in_metric(ERRORS);
        selection
            .matchers
            .retain(|matcher| matcher.label != "outcome");
        selection
            .matchers
            .push(matcher("error", vec![self.label.into()]));
        vec![selection]
    }
}
