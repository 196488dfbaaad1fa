//! Requests to this service.

use super::resolve::{built_in, matcher};
use super::signal::{Counted, Distributed, Failing};
use crate::model::alert::{Is, Matcher, Selection};
use crate::model::unit::Seconds;

/// Requests to this service. [`requests`] returns it.
#[derive(Clone, Debug)]
pub struct Requests {
    matchers: Vec<Matcher>,
}

/// Returns the requests to this service, as `http::server()` records them. (Feature `http`.)
///
/// ```
/// use instrumental::alerts::*;
/// let failures = error_ratio(requests()).above(percent(1));
/// ```
#[must_use]
pub fn requests() -> Requests {
    Requests {
        matchers: Vec::new(),
    }
}

impl Requests {
    /// Keeps the requests of a route, as the router spells it.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// let slow = p99(requests().route("/jobs/{id}")).above(seconds(1));
    /// ```
    #[must_use]
    pub fn route(mut self, route: impl Into<String>) -> Self {
        self.matchers
            .push(matcher("http.route", vec![route.into()]));
        self
    }

    /// Keeps the requests with a method, in upper case.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// let posts = rate(requests().method("POST"));
    /// ```
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        let method = vec![method.into()];
        self.matchers.push(matcher("http.request.method", method));
        self
    }

    /// Keeps the requests whose status begins with these digits.
    ///
    /// ```
    /// use instrumental::alerts::*;
    /// let refused = share(requests().status("4"), requests()).above(percent(20));
    /// let overloaded = rate(requests().status("503")).above(per_second(1));
    /// ```
    #[must_use]
    pub fn status(mut self, prefix: impl Into<String>) -> Self {
        self.matchers.push(Matcher {
            label: "http.response.status_code",
            is: Is::Prefix,
            values: vec![prefix.into()],
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
