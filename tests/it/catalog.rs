//! `#[catalog]`: what reaches the application's own `metrics` recorder.

use instrumental::{Bounded, Label, catalog};
use instrumental_tests::facades::seen;
use std::time::Duration;

#[derive(Label, Clone, Copy)]
enum Trade {
    Plumbing,
    Roofing,
}

#[catalog(name = "catalog_tests")]
mod jobs {
    /// Jobs posted
    /// by homeowners.
    ///
    /// Not part of the help.
    pub fn posted(trade: Trade, urgent: bool) -> Counter;
    /// Jobs open right now.
    pub fn open() -> Gauge;
    /// Time from a job's posting to its first bid.
    pub fn response_time(trade: Trade) -> Histogram<Seconds>;
    /// What a job costs.
    pub fn price() -> Histogram<Usd>;
    #[doc = concat!("Photos", " of a job.")]
    #[metric(unit = "bytes")]
    pub fn photos(host: &'static str, city: Bounded<3>) -> Counter;

    pub mod escrow {
        /// Money in escrow.
        pub fn r#in(trade: Trade) -> Histogram;
    }
    pub use self::escrow as money;
}

#[test]
fn names_labels_and_values_arrive() {
    let seen = seen(|| {
        jobs::posted(Trade::Roofing, true).increment(2);
        jobs::open().set(12);
        jobs::open().decrement(2);
        jobs::response_time(Trade::Plumbing).record(Duration::from_millis(1500));
        jobs::price().record(120.5);
        jobs::photos("cdn", "Springfield".into()).increment(7);
        jobs::money::r#in(Trade::Roofing).record(3);
    });
    assert_eq!(
        seen.metrics,
        [
            "catalog_tests.posted{trade=roofing,urgent=true} += 2",
            "catalog_tests.open{} = 12",
            "catalog_tests.open{} += -2",
            "catalog_tests.response_time{trade=plumbing} <- 1.5",
            "catalog_tests.price{} <- 120.5",
            "catalog_tests.photos{host=cdn,city=Springfield} += 7",
            "catalog_tests.escrow.in{trade=roofing} <- 3",
        ]
    );
}

#[test]
fn the_first_paragraph_is_the_help() {
    let seen = seen(|| {
        jobs::posted(Trade::Roofing, true).increment(1);
        jobs::response_time(Trade::Plumbing).record(Duration::from_secs(1));
        jobs::photos("cdn", "Springfield".into()).increment(7);
    });
    assert_eq!(
        seen.descriptions,
        [
            "catalog_tests.posted [-] Jobs posted by homeowners.",
            "catalog_tests.response_time [seconds] Time from a job's posting to its first bid.",
            "catalog_tests.photos [bytes] Photos of a job.",
        ]
    );
}

#[catalog(name = "catalog_tests.capped")]
mod capped {
    /// Things by city.
    pub fn things(city: Bounded<3>) -> Counter;
}

#[test]
fn text_over_its_cap_shares_one_series() {
    let seen = seen(|| {
        for city in [
            "Springfield",
            "Shelbyville",
            "Ogdenville",
            "Springfield",
            "North Haverbrook",
        ] {
            capped::things(city.into()).increment(1);
        }
    });
    let cities: Vec<_> = seen
        .metrics
        .iter()
        .map(|line| line.trim_end_matches(" += 1"))
        .collect();
    assert_eq!(
        cities,
        [
            "catalog_tests.capped.things{city=Springfield}",
            "catalog_tests.capped.things{city=Shelbyville}",
            "catalog_tests.capped.things{city=other}",
            "catalog_tests.capped.things{city=Springfield}",
            "catalog_tests.capped.things{city=other}",
        ]
    );
}

#[test]
fn every_combination_of_labels_is_a_separate_series() {
    let trades = [Trade::Plumbing, Trade::Roofing];
    let seen = seen(|| {
        for trade in trades {
            for urgent in [false, true] {
                jobs::posted(trade, urgent).increment(1);
            }
        }
    });
    let mut lines = seen.metrics.clone();
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 4, "{lines:?}");
}

#[test]
fn handles_are_values() {
    fn record(metric: instrumental::Histogram<instrumental::unit::Seconds>) {
        metric.record(Duration::from_secs(2));
        metric.record(0.5);
    }
    let seen = seen(|| {
        let time = jobs::response_time(Trade::Roofing);
        record(time);
        time.record(1.0);
    });
    let values: Vec<_> = seen
        .metrics
        .iter()
        .filter_map(|line| line.split(" <- ").nth(1))
        .collect();
    assert_eq!(values, ["2", "0.5", "1"]);
}
