use instrumental::catalog;
use std::time::Duration;

#[catalog]
pub mod bids {
    /// Time from a job's posting to its first bid.
    pub fn response_time() -> Histogram<Second>;
    /// Time to an answer.
    pub fn answer_time() -> Histogram<Duration>;
    /// Bids submitted by contractors.
    pub fn submitted() -> Counter<Items>;
    /// Size of an attachment.
    #[metric(unit = "bites")]
    pub fn attachments() -> Counter;
    /// What a job costs.
    #[metric(unit = "usd")]
    pub fn price() -> Histogram<Usd>;
}

fn main() {
    bids::answer_time().record(Duration::from_secs(1));
}
