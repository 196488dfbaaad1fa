use instrumental::catalog;

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted_total() -> Counter;
    /// Bids of a job.
    pub fn count() -> Gauge;
    /// What a job costs.
    pub fn price_bucket() -> Histogram<Usd>;
}

fn main() {
    bids::submitted_total().increment(1);
    bids::count().set(1);
    bids::price_bucket().record(1.0);
}
