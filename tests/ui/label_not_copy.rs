use instrumental::{Label, catalog};

#[derive(Label)]
pub enum Trade {
    Plumbing,
    Roofing,
}

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted(trade: Trade) -> Counter;
}

fn main() {
    bids::submitted(Trade::Roofing).increment(1);
}
