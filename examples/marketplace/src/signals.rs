//! What this service tells of its business: metrics by path, events by type.

use instrumental::{Label, business_event, catalog};
use serde::{Deserialize, Serialize};

/// What a job is about.
#[derive(Clone, Copy, Debug, Deserialize, Label, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trade {
    Plumbing,
    Roofing,
    Electrical,
}

impl Trade {
    /// As the database has it.
    pub fn from_index(index: i64) -> Self {
        match index {
            0 => Self::Plumbing,
            1 => Self::Roofing,
            _ => Self::Electrical,
        }
    }
}

#[catalog]
pub mod bids {
    /// Time from a job's posting to its first bid.
    pub fn response_time(trade: Trade) -> Histogram<Seconds>;
}

#[catalog]
pub mod contracts {
    /// Contracts under way.
    pub fn active() -> Gauge;
}

#[catalog]
pub mod payments {
    /// Time that the card processor takes.
    pub fn processing() -> Histogram<Seconds>;
    /// US dollars held in escrow.
    pub fn in_escrow() -> Gauge;
}

#[catalog]
pub mod auth {
    /// Requests whose token is wrong.
    pub fn failures() -> Counter;
}

#[catalog]
pub mod db {
    /// Time that a query takes.
    pub fn query_time(query: &'static str) -> Histogram<Seconds>;
    pub mod connections {
        /// Connections in use.
        pub fn open() -> Gauge;
        /// Connections there may be.
        pub fn max() -> Gauge;
    }
}

/// A homeowner posted a job.
#[business_event("job.posted", owner = "jobs")]
pub struct JobPosted {
    pub job_id: i64,
    #[label]
    pub trade: Trade,
    #[measure(usd)]
    pub budget: f64,
}

/// The work on a job is done.
#[business_event("job.completed", owner = "jobs")]
pub struct JobCompleted {
    pub job_id: i64,
}

/// A contractor made an offer.
#[business_event("bid.submitted", owner = "bids")]
pub struct BidSubmitted {
    pub bid_id: i64,
    pub job_id: i64,
    #[label]
    pub trade: Trade,
    #[measure(usd)]
    pub amount: f64,
}

/// Both sides say that the work is done.
#[business_event("contract.completed", owner = "contracts")]
pub struct ContractCompleted {
    pub contract_id: i64,
}

/// The homeowner's money is in escrow.
#[business_event("payment.held", owner = "payments")]
pub struct PaymentHeld {
    pub contract_id: i64,
    #[measure(usd)]
    pub amount: f64,
}

/// The contractor has been paid.
#[business_event("payment.released", owner = "payments")]
pub struct PaymentReleased {
    pub contract_id: i64,
    #[measure(usd)]
    pub amount: f64,
    #[measure(usd)]
    pub fee: f64,
}

/// A payment did not go through.
#[business_event("payment.failed", owner = "payments")]
pub struct PaymentFailed {
    pub contract_id: i64,
    pub reason: String,
}
