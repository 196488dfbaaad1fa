//! The API.

use crate::error::ApiError;
use crate::notifications::NotificationService;
use crate::{bids, contracts, db, jobs, payments};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use instrumental::traced;
use sqlx::SqlitePool;

/// What every request can reach.
#[derive(Clone)]
pub(crate) struct App {
    pub db: SqlitePool,
    pub notifications: NotificationService,
}

/// The routes.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/jobs", post(jobs::create))
        .route("/jobs/{id}", get(jobs::show))
        .route("/jobs/{id}/bids", post(bids::submit))
        .route("/bids/{id}/accept", post(bids::accept))
        .route("/contracts/{id}/deposit", post(payments::deposit))
        .route("/contracts/{id}/complete", post(contracts::complete))
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
