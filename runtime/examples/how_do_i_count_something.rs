//! How do I count something, broken down by a label?
//!
//! `cargo run -p instrumental --features logs --example how_do_i_count_something`

use instrumental::{Label, catalog};

#[derive(Clone, Copy, Label)]
enum Trade {
    Plumbing,
    Roofing,
}

#[catalog]
mod bids {
    /// Bids submitted by contractors.
    pub(crate) fn submitted(trade: Trade) -> Counter;
}

fn main() -> Result<(), instrumental::SetupError> {
    let _telemetry = instrumental::init()?;
    bids::submitted(Trade::Plumbing).increment(2);
    bids::submitted(Trade::Roofing).increment(1);
    Ok(())
}
