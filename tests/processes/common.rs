//! Functions and metrics shared by the programs.

use instrumental::{SampleValue, catalog, samples, traced};
use std::error::Error;

#[derive(Clone, Copy, instrumental::Label)]
pub(crate) enum Part {
    A,
    B,
    C,
    D,
    E,
}

#[catalog]
#[allow(unreachable_pub)]
pub(crate) mod process {
    /// Things done.
    pub fn done() -> Counter;
    /// Things by city.
    pub fn by_city(city: instrumental::Bounded<100>) -> Counter;
    /// How long they took.
    pub fn took() -> Histogram<Seconds>;
    /// A metric with many series.
    #[metric(budget = 11000)]
    pub fn wide(part: Part, key: &'static str) -> Histogram<Seconds>;
}

#[traced(id)]
pub(crate) fn work(id: u32) -> Result<u32, String> {
    if id.is_multiple_of(4) {
        Err("fourth".into())
    } else {
        Ok(id)
    }
}

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

pub(crate) fn count(name: &str, label: (&str, &str)) -> u64 {
    let mut sum = 0;
    for sample in samples() {
        if sample.name() == name && (label.0.is_empty() || sample.label(label.0) == Some(label.1)) {
            sum += match &sample.value {
                SampleValue::Counter(count) => *count,
                SampleValue::Histogram(values) => values.count(),
                SampleValue::Gauge(_) => 0,
            };
        }
    }
    sum
}
