use instrumental::catalog;

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted(le: bool, outcome: bool, __name: bool, Won: bool) -> Counter;
}

fn main() {
    bids::submitted(true, true, true, true).increment(1);
}
