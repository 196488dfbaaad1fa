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
fn rate_of_a_gauge() -> Condition {
    rate(payments::held).above(per_minute(1))
}

/// Something.
#[alert(P3, owner = "payments")]
fn level_of_a_counter() -> Condition {
    level(payments::released).above(1)
}

/// Something.
#[alert(P3, owner = "payments")]
fn quantile_of_a_counter() -> Condition {
    p95(payments::released).above(1)
}

/// Something.
#[alert(P3, owner = "payments")]
fn outcomes_of_a_counter() -> Condition {
    error_ratio(payments::released).above(percent(1))
}

fn main() {}
