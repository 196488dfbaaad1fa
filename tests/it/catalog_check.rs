//! `instrumental::catalog()` and its check. This binary has faults on purpose; the example in the documentation of `check!`
//! is a program without any.

// The items are declared to be listed and are never recorded.
#![allow(dead_code)]

use instrumental::alerts::{Condition, calls, count};
use instrumental::{CatalogEntry, CatalogKind, Label, alert, business_event, catalog, traced};
use std::panic::catch_unwind;

#[derive(Label, Clone, Copy)]
#[allow(dead_code)]
enum Trade {
    Plumbing,
    Roofing,
}

#[catalog]
mod check_a {
    /// Bids that are open.
    pub fn open(trade: Trade, city: Bounded<50>) -> Gauge;
    /// Time to the first bid.
    #[metric(owner = "bids")]
    pub fn waited() -> Histogram<Seconds>;
    /// Collides.
    pub fn left() -> Counter;
}

use instrumental::Bounded;

#[catalog(name = "check_a")]
mod elsewhere {
    /// Declared twice.
    pub fn open() -> Gauge;
    /// Has the unit in its name.
    pub fn waited_seconds() -> Gauge;
}

#[catalog(name = "check")]
mod underscore {
    /// Collides once dots become underscores.
    pub fn a_left() -> Counter;
}

#[catalog(name = "function")]
mod function {
    /// Exists in every program.
    pub fn errors() -> Counter;
}

/// Money was paid.
#[business_event("check_a.paid", owner = "payments")]
#[allow(dead_code)]
struct Paid {
    #[measure(usd)]
    amount: f64,
    #[label]
    trade: Trade,
    note: u32,
}

#[catalog(name = "check_a")]
mod of_event {
    /// The event has a counter of this name.
    pub fn paid() -> Counter;
}

fn unannotated() {}

/// Watches a function that is not annotated.
#[alert(P4, owner = "bids")]
fn check_a_unresolved() -> Condition {
    count(calls(unannotated)).above(0)
}

const ABOVE: u32 = line!();
#[traced(
    id,
    owner = "bids",
    objective(success = 99.9, latency = "250ms", at = 99.0)
)]
fn checked(id: u32) -> u32 {
    id
}
const BELOW: u32 = line!();

fn find(kind: CatalogKind, name: &str) -> CatalogEntry {
    let catalog = instrumental::catalog();
    let mut entries = catalog.entries().iter();
    let found = entries.find(|entry| entry.kind == kind && entry.name == name);
    found.expect("listed").clone()
}

#[test]
fn everything_is_listed_as_declared() {
    let open = find(CatalogKind::Gauge, "check_a.open");
    assert_eq!(open.labels[0].name, "trade");
    assert_eq!(open.labels[0].values, ["plumbing", "roofing"]);
    assert_eq!((open.labels[1].values.len(), open.labels[1].limit), (0, 50));
    assert!(open.file.ends_with("catalog_check.rs"), "{}", open.file);
    let waited = find(CatalogKind::Histogram, "check_a.waited");
    assert_eq!((waited.unit, waited.owner), ("s", "bids"));
    assert!(waited.help.contains("Time to the first bid."));
    let paid = find(CatalogKind::Event, "check_a.paid");
    assert_eq!(paid.fields, ["amount", "trade", "note"]);
    assert_eq!((paid.owner, paid.labels[0].name), ("payments", "trade"));
    assert_eq!(
        find(CatalogKind::Histogram, "check_a.paid.amount").unit,
        "{USD}"
    );
    let function = find(CatalogKind::Function, "checked");
    assert!((ABOVE..BELOW).contains(&function.line), "{}", function.line);
    assert_eq!(function.owner, "bids");
    assert_eq!(
        function.objective.map(|o| o.latency_nanos),
        Some(250_000_000)
    );
    assert_eq!(checked(1), 1);
}

/// Parts of the expected faults.
const FAULTS: [[&str; 3]; 6] = [
    [
        "gauge `check_a.open` (",
        "gauge `check_a.open` (",
        "have the same name",
    ],
    [
        "gauge `check_a.waited_seconds` (",
        "histogram `check_a.waited` (",
        "in Prometheus, `check_a_waited_seconds`",
    ],
    [
        "counter `check.a_left` (",
        "counter `check_a.left` (",
        "in Prometheus, `check_a_left`",
    ],
    [
        "counter `function.errors` (built in)",
        "counter `function.errors` (",
        "have the same name",
    ],
    [
        "event `check_a.paid` (",
        "counter `check_a.paid` (",
        "have the same name",
    ],
    [
        "alert `check_a_unresolved` (",
        "it::catalog_check::unannotated` is not annotated",
        "`#[traced]`",
    ],
];

#[test]
fn faults_name_both_lines() {
    let panic = catch_unwind(|| instrumental::check!()).expect_err("there are faults");
    let text = panic.downcast::<String>().expect("a text");
    let faults: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("check_a") || line.contains("`function."))
        .collect();
    for names in FAULTS {
        let fault = faults
            .iter()
            .find(|fault| names.iter().all(|name| fault.contains(name)));
        let fault = fault.unwrap_or_else(|| panic!("{names:?} in {text}"));
        let places = fault.matches("catalog_check.rs:").count();
        assert_eq!(
            places,
            if fault.contains("built in") || fault.contains("alert") {
                1
            } else {
                2
            },
            "{fault}"
        );
    }
    assert_eq!(faults.len(), 6, "{text}");
}
