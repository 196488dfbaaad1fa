use instrumental::catalog;

#[catalog]
pub mod bids {
    pub fn submitted() -> Counter;
    ///
    pub fn open() -> Gauge;
}

fn main() {
    bids::submitted().increment(1);
    bids::open().set(1);
}
