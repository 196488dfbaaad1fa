//! The completion of a contract: the contractor is paid and others are notified.

use crate::app::App;
use crate::auth::User;
use crate::contracts::{Contract, find};
use crate::error::ApiError;
use crate::notifications::NotificationService;
use crate::payments::PaymentService;
use crate::signals::{self, ContractCompleted, JobCompleted};
use axum::Json;
use axum::extract::{Path, State};
use instrumental::{business_event, capture_errors, traced};

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

/// Notifies others of completed contracts.
struct IntegrationService {
    notifications: NotificationService,
}

impl IntegrationService {
    /// Notifies the contractor in the background, so that the homeowner does not wait.
    #[traced]
    fn on_completion_submitted(self, contract: Contract) {
        instrumental::spawn(async move {
            let text = format!("contract {} is paid", contract.id);
            // The failure is already reported; the contract stays completed.
            let _ = self
                .notifications
                .send_with_retry(contract.contractor, &text)
                .await;
        });
    }
}
