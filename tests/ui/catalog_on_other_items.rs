use instrumental::catalog;

#[catalog]
pub struct Bids;

#[catalog]
pub fn submitted() {}

fn main() {
    let _ = Bids;
    submitted();
}
