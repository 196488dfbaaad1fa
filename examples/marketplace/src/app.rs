//! The API.

use crate::error::ApiError;
use crate::notifications::NotificationService;
use crate::{bids, contracts, db, jobs, payments};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use instrumental::traced;
use sqlx::SqlitePool;

/// What every request can reach.
#[derive(Clone)]
pub struct App {
    pub db: SqlitePool,
    pub notifications: NotificationService,
}

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/jobs", post(jobs::create))
        .route("/jobs/{id}", get(jobs::show))
        .route("/jobs/{id}/bids", post(bids::submit))
        .route("/bids/{id}/accept", post(bids::accept))
        .route("/contracts/{id}/deposit", post(payments::deposit))
        .route("/contracts/{id}/complete", post(contracts::complete))
        .route("/reports/monthly", get(report))
        .route_layer(from_fn(request))
        .with_state(app)
}

/// The outermost call of every request: its trace, its user and its tags live as long as this.
#[traced(
    name = "request",
    kind = server,
    fields(method = %request.method(), route = route(&request)),
    error_if = |response| response.status().is_server_error(),
    objective(success = 99.0, latency = "250ms", at = 95.0)
)]
async fn request(request: Request, next: Next) -> Response {
    next.run(request).await
}

fn route(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or_else(String::new, |path| path.as_str().to_owned())
}

/// `GET /reports/monthly`
#[traced(kind = server)]
async fn report(State(app): State<App>) -> Result<Json<(i64, f64)>, ApiError> {
    db::measure(&app.db);
    db::monthly_report(&app.db).await.map(Json)
}
