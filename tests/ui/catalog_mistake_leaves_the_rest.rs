// One mistake causes one error: all metrics can still be called.
use instrumental::catalog;
use std::time::Duration;

#[catalog]
pub mod bids {
    pub fn submitted(won: bool) -> Counter;
    /// Contracts open right now.
    pub fn open() -> Gauge;
    /// Time from a job's posting to its first bid.
    pub fn response_time() -> Histogram<Seconds>;
}

fn main() {
    bids::submitted(true).increment(1);
    bids::open().set(1);
    bids::response_time().record(Duration::from_secs(1));
}
