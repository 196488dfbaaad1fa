use instrumental::catalog;

#[catalog]
pub mod bids {
    /// Contracts open right now.
    pub fn open() -> Gauge;
    /// Bids submitted by contractors.
    pub fn submitted() -> Counter;
}

fn main() {
    bids::open().record(1.0);
    bids::submitted().set(1);
}
