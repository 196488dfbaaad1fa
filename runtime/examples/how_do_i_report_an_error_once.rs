//! How do I report an error once, though it passes through many functions?
//!
//! `cargo run -p instrumental --features logs --example how_do_i_report_an_error_once`

use instrumental::{Outcome, User, breadcrumb, capture_errors, set_user, traced};

/// What each error means, to the metric, the report and the caller.
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
    // The caller's own mistake is counted; the ledger's is reported, once.
    let _ = (checkout(0), checkout(7));
    Ok(())
}
