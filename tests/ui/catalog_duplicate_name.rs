use instrumental::catalog;

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted() -> Counter;
    /// Contracts open right now.
    pub fn open() -> Gauge;
    /// Bids submitted by contractors.
    pub fn submitted() -> Counter;
}

fn main() {
    bids::open().set(1);
}
