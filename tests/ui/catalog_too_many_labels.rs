use instrumental::catalog;

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted(a: bool, b: bool, c: bool, d: bool, e: bool, f: bool, g: bool) -> Counter;
}

fn main() {}
