//! How do I report an error once, although several functions return it?
//!
//! `cargo run -p instrumental --features logs --example how_do_i_report_an_error_once`

use instrumental::{Outcome, User, breadcrumb, capture_errors, set_user, traced};

/// Each variant is classified once, for the metric, the report and the caller.
#[derive(Debug, Outcome)]
enum PayError {
    #[outcome(client, http = 402)]
    Declined,
    #[outcome(fatal, page)]
    LedgerClosed,
}

#[traced(amount)]
#[capture_errors]
fn charge(amount: u32) -> Result<(), PayError> {
    match amount {
        0 => Err(PayError::Declined),
        _ => Err(PayError::LedgerClosed),
    }
}

#[traced]
#[capture_errors]
fn checkout(amount: u32) -> Result<(), PayError> {
    set_user(User::id(42).role("homeowner"));
    breadcrumb("checkout begun");
    charge(amount)
}

fn main() -> Result<(), instrumental::SetupError> {
    let _telemetry = instrumental::init()?;
    // A client's error is only counted. The ledger's error is reported, once for both functions.
    let _ = (checkout(0), checkout(7));
    Ok(())
}
