use instrumental::catalog;

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted() -> Counter;
}

fn main() {
    bids::submited().increment(1);
    bid::submitted().increment(1);
}
