//! Money: held in escrow, then released.

use crate::app::App;
use crate::auth::User;
use crate::contracts;
use crate::error::ApiError;
use crate::signals::{self, PaymentFailed, PaymentHeld, PaymentReleased};
use axum::Json;
use axum::extract::{Path, State};
use instrumental::{breadcrumb, business_event, capture_errors, traced};
use serde::Deserialize;
use sqlx::SqlitePool;
use std::time::Duration;

/// The platform's part of a payment.
const FEE: f64 = 0.15;

/// How the homeowner pays.
#[derive(Deserialize)]
pub(crate) struct Deposit {
    card: String,
}

/// `POST /contracts/{id}/deposit`
#[traced]
pub(crate) async fn deposit(
    State(app): State<App>,
    user: User,
    Path(id): Path<i64>,
    Json(deposit): Json<Deposit>,
) -> Result<Json<f64>, ApiError> {
    let contract = contracts::find(&app.db, id).await?;
    if user.id != contract.owner {
        return Err(ApiError::Forbidden);
    }
    let payments = PaymentService { db: &app.db };
    payments
        .hold(id, contract.amount, &deposit.card)
        .await
        .map(Json)
}

/// Payments of contracts.
pub(crate) struct PaymentService<'a> {
    pub db: &'a SqlitePool,
}

impl PaymentService<'_> {
    /// Takes the homeowner's money into escrow.
    #[traced(contract_id, amount)]
    #[capture_errors]
    #[business_event(PaymentHeld { contract_id, amount }, on = Ok(_))]
    #[business_event(PaymentFailed { contract_id, reason: error.to_string() }, on = Err(error))]
    pub(crate) async fn hold(
        &self,
        contract_id: i64,
        amount: f64,
        card: &str,
    ) -> Result<f64, ApiError> {
        charge(amount, card).await?;
        contracts::set_state(self.db, contract_id, "held").await?;
        signals::payments::in_escrow().increment(amount);
        Ok(amount)
    }

    /// Pays the contractor.
    #[traced(contract_id, amount)]
    #[capture_errors]
    #[business_event(PaymentReleased { contract_id, amount: *paid, fee: amount - *paid }, on = Ok(paid))]
    pub(crate) async fn release(
        &self,
        contract_id: i64,
        amount: f64,
        state: &str,
    ) -> Result<f64, ApiError> {
        if state != "held" {
            return Err(ApiError::Conflict("nothing is held for this contract"));
        }
        contracts::set_state(self.db, contract_id, "released").await?;
        signals::payments::in_escrow().decrement(amount);
        Ok(amount * (1.0 - FEE))
    }
}

/// What the processor says it has taken.
#[derive(Deserialize)]
pub(crate) struct Settlement {
    contract_id: i64,
    amount: f64,
}

/// `POST /webhooks/processor`
#[traced]
pub(crate) async fn settled(
    State(app): State<App>,
    Json(settlement): Json<Settlement>,
) -> Result<(), ApiError> {
    breadcrumb("the processor has settled a payment");
    reconcile(&app.db, settlement.contract_id, settlement.amount).await
}

/// What the processor took is what we hold.
#[traced(contract_id, amount)]
#[capture_errors]
async fn reconcile(db: &SqlitePool, contract_id: i64, amount: f64) -> Result<(), ApiError> {
    let held = contracts::find(db, contract_id).await?.amount;
    if (held - amount).abs() < 0.01 {
        return Ok(());
    }
    let error = ApiError::Mismatch { held, amount };
    // Logged as well as captured: it is one error all the same.
    tracing::error!(%error, "reconciliation failed");
    Err(error)
}

/// The card processor, as far as a marketplace sees it.
#[traced(name = "CardProcessor::charge", kind = client, amount, metric = signals::payments::processing())]
#[capture_errors]
pub(crate) async fn charge(amount: f64, card: &str) -> Result<(), ApiError> {
    tokio::time::sleep(Duration::from_millis(8)).await;
    match card {
        "declined" => Err(ApiError::Declined("insufficient funds".into())),
        "outage" => Err(ApiError::Processor("it does not answer".into())),
        _ => Ok(()),
    }
}
