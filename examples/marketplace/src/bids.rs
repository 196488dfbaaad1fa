//! Offers of contractors.

use crate::app::App;
use crate::auth::User;
use crate::error::ApiError;
use crate::signals::{self, BidSubmitted, Trade};
use crate::{contracts, jobs};
use axum::Json;
use axum::extract::{Path, State};
use instrumental::{breadcrumb, business_event, capture_errors, traced};
use serde::Deserialize;
use sqlx::SqlitePool;

/// What a contractor fills in.
#[derive(Deserialize)]
pub(crate) struct NewBid {
    amount: f64,
}

/// `POST /jobs/{id}/bids`
#[traced]
pub(crate) async fn submit(
    State(app): State<App>,
    user: User,
    Path(job): Path<i64>,
    Json(bid): Json<NewBid>,
) -> Result<Json<i64>, ApiError> {
    user.require("contractor")?;
    if bid.amount.is_nan() || bid.amount <= 0.0 {
        return Err(ApiError::Invalid("a bid needs an amount"));
    }
    let job = jobs::find(&app.db, job).await?;
    let id = insert(
        &app.db,
        job.id,
        user.id,
        Trade::from_index(job.trade),
        bid.amount,
    )
    .await?;
    first_bid(&app.db, &job).await?;
    Ok(Json(id))
}

#[traced(job_id, amount, metric = signals::db::query_time("insert_bid"))]
#[capture_errors]
#[business_event(BidSubmitted { bid_id: *bid_id, job_id, trade, amount }, on = Ok(bid_id))]
async fn insert(
    db: &SqlitePool,
    job_id: i64,
    contractor: i64,
    trade: Trade,
    amount: f64,
) -> Result<i64, ApiError> {
    let query = "INSERT INTO bids (job, contractor, amount) VALUES (?, ?, ?) RETURNING id";
    let id: (i64,) = sqlx::query_as(query)
        .bind(job_id)
        .bind(contractor)
        .bind(amount)
        .fetch_one(db)
        .await?;
    Ok(id.0)
}

/// How long the homeowner waited for the first bid.
#[traced]
async fn first_bid(db: &SqlitePool, job: &jobs::Job) -> Result<(), ApiError> {
    let query = "SELECT COUNT(*), unixepoch('subsec') - ? FROM bids WHERE job = ?";
    let (count, waited): (i64, f64) = sqlx::query_as(query)
        .bind(job.posted)
        .bind(job.id)
        .fetch_one(db)
        .await?;
    if count == 1 {
        signals::bids::response_time(Trade::from_index(job.trade)).record(waited.max(0.0));
    }
    Ok(())
}

/// `POST /bids/{id}/accept`
#[traced]
#[business_event("bid.accepted", bid_id = bid, contract_id = contract.0, on = Ok(contract))]
pub(crate) async fn accept(
    State(app): State<App>,
    user: User,
    Path(bid): Path<i64>,
) -> Result<Json<i64>, ApiError> {
    breadcrumb("bid acceptance initiated");
    user.require("homeowner")?;
    contracts::sign(&app.db, user.id, bid).await.map(Json)
}
