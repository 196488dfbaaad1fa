//! Contracts: signed when a bid is accepted, completed when the work is done.

use crate::app::App;
use crate::auth::User;
use crate::db::row;
use crate::error::ApiError;
use crate::notifications::NotificationService;
use crate::payments::PaymentService;
use crate::signals::{self, ContractCompleted, JobCompleted};
use axum::Json;
use axum::extract::{Path, State};
use instrumental::{business_event, capture_errors, traced};
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

/// `POST /contracts/{id}/complete`
#[traced]
pub(crate) async fn complete(
    State(app): State<App>,
    user: User,
    Path(id): Path<i64>,
) -> Result<Json<f64>, ApiError> {
    let contract = find(&app.db, id).await?;
    if user.id != contract.owner {
        return Err(ApiError::Forbidden);
    }
    let paid = ContractService { app: &app }
        .submit_completion(&contract)
        .await?;
    IntegrationService {
        notifications: app.notifications.clone(),
    }
    .on_completion_submitted(contract);
    Ok(Json(paid))
}

/// What happens to contracts.
struct ContractService<'a> {
    app: &'a App,
}

impl ContractService<'_> {
    /// The work is done: the contractor is paid.
    #[traced(fields(contract_id = contract.id), objective(success = 99.5, latency = "500ms", at = 99.0))]
    #[capture_errors(ignore(ApiError::Conflict(_)))]
    #[business_event(ContractCompleted { contract_id: contract.id }, on = Ok(_))]
    #[business_event(JobCompleted { job_id: contract.job }, on = Ok(_))]
    async fn submit_completion(&self, contract: &Contract) -> Result<f64, ApiError> {
        let paid = PaymentService { db: &self.app.db }
            .release(contract.id, contract.amount, &contract.state)
            .await?;
        signals::contracts::active().decrement(1);
        Ok(paid)
    }
}

/// What others are told.
struct IntegrationService {
    notifications: NotificationService,
}

impl IntegrationService {
    /// Tells the contractor, without making the homeowner wait.
    #[traced]
    fn on_completion_submitted(self, contract: Contract) {
        instrumental::spawn(async move {
            let text = format!("contract {} is paid", contract.id);
            // Reported where it failed; the contract is completed all the same.
            let _ = self
                .notifications
                .send_with_retry(contract.contractor, &text)
                .await;
        });
    }
}
