use instrumental::catalog;
use std::time::Duration;

#[catalog]
pub mod bids {
    /// Time from a job's posting to its first bid.
    pub fn response_time() -> Histogram<Seconds>;
    /// Size of an attachment.
    pub fn attachment() -> Histogram<Bytes>;
}

fn main() {
    bids::response_time().record(250_u64);
    bids::attachment().record(Duration::from_secs(1));
}
