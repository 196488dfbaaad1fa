//! The metrics and business events of this service.

use instrumental::{Label, business_event, catalog};
use serde::{Deserialize, Serialize};

/// What a job is about.
#[derive(Clone, Copy, Debug, Deserialize, Label, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trade {
    Plumbing,
    Roofing,
    Electrical,
}

impl Trade {
    /// As the database has it.
    pub(crate) fn from_index(index: i64) -> Self {
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
    pub(crate) fn response_time(trade: Trade) -> Histogram<Seconds>;
}

#[catalog]
pub mod contracts {
    /// Contracts under way.
    pub(crate) fn active() -> Gauge;
}

#[catalog]
pub mod payments {
    /// Time that the card processor takes.
    pub(crate) fn processing() -> Histogram<Seconds>;
    /// US dollars held in escrow.
    pub(crate) fn in_escrow() -> Gauge;
}

#[catalog]
pub mod auth {
    /// Requests whose token is wrong.
    pub(crate) fn failures() -> Counter;
}

#[catalog]
pub mod db {
    /// Time that a query takes.
    pub(crate) fn query_time(query: &'static str) -> Histogram<Seconds>;
    pub mod connections {
        /// Connections in use.
        pub(crate) fn open() -> Gauge;
        /// Connections there may be.
        pub(crate) fn max() -> Gauge;
    }
}

/// A homeowner posted a job.
#[business_event("job.posted", owner = "jobs")]
pub(crate) struct JobPosted {
    pub job_id: i64,
    #[label]
    pub trade: Trade,
    #[measure(usd)]
    pub budget: f64,
}

/// The work on a job is done.
#[business_event("job.completed", owner = "jobs")]
pub(crate) struct JobCompleted {
    pub job_id: i64,
}

/// A contractor made an offer.
#[business_event("bid.submitted", owner = "bids")]
pub(crate) struct BidSubmitted {
    pub bid_id: i64,
    pub job_id: i64,
    #[label]
    pub trade: Trade,
    #[measure(usd)]
    pub amount: f64,
}

/// Both sides say that the work is done.
#[business_event("contract.completed", owner = "contracts")]
pub(crate) struct ContractCompleted {
    pub contract_id: i64,
}

/// The homeowner's money is in escrow.
#[business_event("payment.held", owner = "payments")]
pub(crate) struct PaymentHeld {
    pub contract_id: i64,
    #[measure(usd)]
    pub amount: f64,
}

/// The contractor has been paid.
#[business_event("payment.released", owner = "payments")]
pub(crate) struct PaymentReleased {
    pub contract_id: i64,
    #[measure(usd)]
    pub amount: f64,
    #[measure(usd)]
    pub fee: f64,
}

/// A payment did not go through.
#[business_event("payment.failed", owner = "payments")]
pub(crate) struct PaymentFailed {
    pub contract_id: i64,
    pub reason: String,
}
