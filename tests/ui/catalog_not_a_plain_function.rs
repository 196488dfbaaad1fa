use instrumental::catalog;

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted() -> Counter {
        unreachable!()
    }
    /// Bids withdrawn.
    pub const fn withdrawn() -> Counter;
    /// Bids accepted.
    pub fn accepted<T>(trade: T) -> Counter;
    /// Bids rejected.
    pub fn rejected((a, b): (bool, bool)) -> Counter;
    /// Bids opened.
    pub fn opened(trade: impl Copy) -> Counter;
}

fn main() {
    bids::submitted().increment(1);
    bids::accepted(true).increment(1);
}
