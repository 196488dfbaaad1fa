use instrumental::{Label, catalog};

#[derive(Label, Clone, Copy)]
pub enum Trade {
    Plumbing,
    Roofing,
}

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted(trade: Trade, won: bool) -> Counter;
}

fn main() {
    bids::submitted("roofing", true).increment(1);
    bids::submitted(Trade::Plumbing).increment(1);
    bids::submitted(Trade::Rofing, false).increment(1);
}
