use instrumental::catalog;

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted() -> Countr;
    /// Contracts open right now.
    pub fn open() -> Guage;
    /// Bids withdrawn.
    pub fn withdrawn() -> Timer;
    /// Bids accepted.
    pub fn accepted();
    /// Bids rejected.
    pub fn rejected() -> (Counter, Gauge);
}

fn main() {
    bids::submitted().increment(1);
    bids::open().set(1);
}
