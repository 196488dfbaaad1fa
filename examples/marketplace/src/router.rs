//! The routes of the API.

use crate::app::App;
use crate::error::ApiError;
use crate::{bids, completion, db, jobs, payments};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use instrumental::traced;

/// Returns the routes of the API.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/jobs", post(jobs::create))
        .route("/jobs/{id}", get(jobs::show))
        .route("/jobs/{id}/bids", post(bids::submit))
        .route("/bids/{id}/accept", post(bids::accept))
        .route("/contracts/{id}/deposit", post(payments::deposit))
        .route("/contracts/{id}/complete", post(completion::complete))
        .route("/webhooks/processor", post(payments::settled))
        .route("/reports/monthly", get(report))
        .layer(instrumental::http::server())
        .with_state(app)
}

/// `GET /reports/monthly`
#[traced(objective(success = 99.0, latency = "250ms", at = 95.0))]
async fn report(State(app): State<App>) -> Result<Json<(i64, f64)>, ApiError> {
    db::measure(&app.db);
    db::monthly_report(&app.db).await.map(Json)
}
