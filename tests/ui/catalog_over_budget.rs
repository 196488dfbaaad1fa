use instrumental::{Label, catalog};

#[derive(Label, Clone, Copy)]
pub enum Trade {
    Plumbing,
    Roofing,
    Electrical,
}

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    #[metric(budget = 10)]
    pub fn submitted(trade: Trade, won: bool, urgent: bool) -> Counter;
}

fn main() {
    bids::submitted(Trade::Plumbing, true, false).increment(1);
}
