//! Alerts of every kind, for the manifest.

use crate::common::process;
use instrumental::alerts::*;
use instrumental::unit::Usd;
use instrumental::{Outcome, alert, business_event, traced};
use std::fmt;

#[derive(Debug, Outcome)]
pub(crate) enum Refused {
    #[outcome(expected)]
    NotFound(u32),
    #[outcome(server)]
    #[label("ledger_down")]
    Ledger,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(id) => write!(f, "no {id}"),
            Self::Ledger => f.write_str("the ledger is down"),
        }
    }
}

impl std::error::Error for Refused {}

/// Money left escrow.
#[business_event("alerts.paid", owner = "payments")]
pub(crate) struct Paid {
    #[measure(usd)]
    amount: f64,
}

pub(crate) struct Ledger<'a, T>(&'a T);

impl<T> Ledger<'_, T> {
    #[traced(
        objective(success = 99.9, latency = "250ms", at = 99.0),
        slow = "1s",
        owner = "ledger"
    )]
    pub(crate) async fn release(&self, id: &u32) -> Result<&T, Refused> {
        match id {
            0 => Err(Refused::NotFound(0)),
            1 => Err(Refused::Ledger),
            _ => Ok(self.0),
        }
    }
}

trait Store {
    fn put(&self, key: &str) -> bool;
}

impl<T> Store for Ledger<'_, T> {
    #[traced]
    fn put(&self, key: &str) -> bool {
        key.is_empty()
    }
}

fn unannotated() {}

/// A method of a generic type, and one of a trait.
#[alert(
    P1,
    owner = "ledger",
    impact = "No money moves.",
    runbook = "https://example.org/a",
    notify = "#ledger, ops"
)]
fn a_ratio() -> Condition {
    error_ratio(calls(Ledger::<u8>::release).and(calls(<Ledger<'_, u8> as Store>::put)))
        .over(minutes(2))
        .above(percent(5))
        .lasting(minutes(5))
}

/// One series.
#[alert(P4, owner = "process")]
fn b_series() -> Condition {
    rate(process::by_city("a\"b".into())).below(per_hour(60))
}

/// One kind of error.
#[alert(P3, owner = "process")]
fn c_errors() -> Condition {
    count(errors(&Refused::Ledger, calls(Ledger::<u8>::release))).above(0)
}

/// A measure.
#[alert(P3, owner = "process")]
fn d_measure() -> Condition {
    total(event::<Paid>().measure::<Usd>("amount")).below(usd(100))
}

/// A histogram, against its past.
#[alert(P3, owner = "process")]
fn e_past() -> Condition {
    p99(process::took).above_past(days(7), 2.0)
}

/// A metric that stopped reporting.
#[alert(P3, owner = "process")]
fn f_absent() -> Condition {
    absent(process::done, hours(1)).lasting(minutes(1))
}

/// Requests of a route.
#[alert(P3, owner = "process")]
fn g_requests() -> Condition {
    average(requests().route("/jobs/{id}").method("GET")).above(millis(500))
}

/// A function that compiles but is not annotated, so nothing records it.
#[alert(P3, owner = "process")]
fn h_unresolved() -> Condition {
    share(calls(unannotated), event::<Paid>()).above(percent(1))
}

/// A unit that the event does not have.
#[alert(P3, owner = "process")]
fn i_unit() -> Condition {
    average(event::<Paid>().measure::<instrumental::unit::Eur>("amount")).above(eur(1))
}

/// Runs what the alerts watch.
pub(crate) async fn run() -> [bool; 4] {
    let ledger = Ledger(&7_u8);
    Paid { amount: 1.0 }.emit();
    unannotated();
    [
        ledger.release(&0).await.is_ok(),
        ledger.release(&1).await.is_ok(),
        ledger.release(&2).await.is_ok(),
        ledger.put(""),
    ]
}
