use instrumental::alerts::*;
use instrumental::{alert, catalog, traced};

#[catalog]
pub mod payments {
    /// Payments released.
    pub fn released() -> Counter;
    /// Time that the card processor takes.
    pub fn processing() -> Histogram<Seconds>;
    /// Money held.
    pub fn held() -> Gauge;
}

#[traced]
pub fn release(id: u64) -> Result<u64, std::fmt::Error> {
    Ok(id)
}

/// Something.
#[alert(P3, owner = "payments")]
fn a() -> Condition {
    rate(payments::released)
}

fn main() {}
