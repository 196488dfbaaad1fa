//! Contracts, which are signed when a bid is accepted.

use crate::db::row;
use crate::error::ApiError;
use crate::signals;
use instrumental::{capture_errors, traced};
use sqlx::SqlitePool;

/// A contract.
#[derive(Clone)]
pub(crate) struct Contract {
    pub id: i64,
    pub job: i64,
    pub owner: i64,
    pub contractor: i64,
    pub amount: f64,
    pub state: String,
}

row!(Contract {
    id,
    job,
    owner,
    contractor,
    amount,
    state
});

/// Makes a contract of a bid, once.
#[traced(bid, metric = signals::db::query_time("sign_contract"))]
#[capture_errors]
pub(crate) async fn sign(db: &SqlitePool, owner: i64, bid: i64) -> Result<i64, ApiError> {
    let query = "INSERT INTO contracts (job, bid, owner, contractor, amount, state)
        SELECT jobs.id, bids.id, jobs.owner, bids.contractor, bids.amount, 'signed' FROM bids JOIN jobs ON jobs.id = bids.job
        WHERE bids.id = ? AND jobs.owner = ? AND NOT EXISTS (SELECT 1 FROM contracts WHERE contracts.job = jobs.id)
        RETURNING id";
    let signed: Option<(i64,)> = sqlx::query_as(query)
        .bind(bid)
        .bind(owner)
        .fetch_optional(db)
        .await?;
    let (id,) = signed.ok_or(ApiError::Conflict(
        "no such bid of yours, or the job has a contract",
    ))?;
    signals::contracts::active().increment(1);
    Ok(id)
}

/// The contract, if there is one.
#[traced(id, metric = signals::db::query_time("find_contract"))]
#[capture_errors]
pub(crate) async fn find(db: &SqlitePool, id: i64) -> Result<Contract, ApiError> {
    let query = "SELECT id, job, owner, contractor, amount, state FROM contracts WHERE id = ?";
    let contract = sqlx::query_as(query).bind(id).fetch_optional(db).await?;
    contract.ok_or(ApiError::NotFound("contract"))
}

/// Moves a contract on.
#[traced(id, state, metric = signals::db::query_time("set_state"))]
#[capture_errors]
pub(crate) async fn set_state(db: &SqlitePool, id: i64, state: &str) -> Result<(), ApiError> {
    sqlx::query("UPDATE contracts SET state = ? WHERE id = ?")
        .bind(state)
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}
