//! Annotated calls on a platform without clocks, processes and threads. `.ci/platforms` runs it in Node.

use instrumental::{Outcome, business_event, capture_errors, catalog, testing, traced};
use std::{error, fmt};

#[derive(Debug, Outcome)]
enum Refused {
    #[outcome(server)]
    SoldOut,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sold out")
    }
}

impl error::Error for Refused {}

#[catalog]
mod shop {
    /// Tickets that were sold.
    pub(crate) fn sold() -> Counter;
}

#[business_event("ticket.sold")]
struct TicketSold {
    seat: u64,
}

#[traced(seat)]
#[capture_errors]
#[business_event(TicketSold { seat }, on = Ok(_))]
fn sell(seat: u64) -> Result<u64, Refused> {
    instrumental::breadcrumb("a ticket is requested");
    if seat == 0 {
        return Err(Refused::SoldOut);
    }
    shop::sold().increment(1);
    Ok(seat)
}

fn f58_calls_are_recorded_without_an_operating_system() {
    // Nothing is installed: the calls cost nothing and report nothing.
    let _ = (sell(0), sell(1));
    let (_, seen) = testing::capture(|| (sell(0), sell(1)));
    assert_eq!(seen.spans().count(), 2);
    assert_eq!(seen.reports().count(), 1);
    assert_eq!(seen.events().count(), 1);
    assert_eq!(seen.counter("shop.sold", &[]), 1);
}

fn main() {
    f58_calls_are_recorded_without_an_operating_system();
}

#[cfg(test)]
mod tests {
    #[test]
    fn f58_calls_are_recorded_here_too() {
        super::f58_calls_are_recorded_without_an_operating_system();
    }
}
