//! Jobs that homeowners post.

use crate::app::App;
use crate::auth::User;
use crate::db::row;
use crate::error::ApiError;
use crate::signals::{JobPosted, Trade, db};
use axum::Json;
use axum::extract::{Path, State};
use instrumental::{business_event, capture_errors, traced};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;

/// What a homeowner fills in.
#[derive(Deserialize)]
pub(crate) struct NewJob {
    title: String,
    trade: Trade,
    budget: f64,
}

/// A job.
#[derive(Serialize)]
pub(crate) struct Job {
    pub id: i64,
    pub owner: i64,
    pub title: String,
    pub trade: i64,
    pub budget: f64,
    pub posted: f64,
}

row!(Job {
    id,
    owner,
    title,
    trade,
    budget,
    posted
});

/// `POST /jobs`
#[traced]
pub(crate) async fn create(
    State(app): State<App>,
    user: User,
    Json(job): Json<NewJob>,
) -> Result<Json<i64>, ApiError> {
    user.require("homeowner")?;
    validate(&job)?;
    let id = insert(&app.db, user.id, job.title, job.trade, job.budget).await?;
    Ok(Json(id))
}

/// `GET /jobs/{id}`
#[traced]
pub(crate) async fn show(
    State(app): State<App>,
    _: User,
    Path(id): Path<i64>,
) -> Result<Json<Job>, ApiError> {
    find(&app.db, id).await.map(Json)
}

#[traced]
fn validate(job: &NewJob) -> Result<(), ApiError> {
    if job.title.trim().is_empty() {
        return Err(ApiError::Invalid("a job needs a title"));
    }
    if job.budget.is_nan() || job.budget <= 0.0 {
        return Err(ApiError::Invalid("a job needs a budget"));
    }
    Ok(())
}

#[traced(owner, budget, metric = db::query_time("insert_job"))]
#[capture_errors]
#[business_event(JobPosted { job_id: *job_id, trade, budget }, on = Ok(job_id))]
async fn insert(
    db: &SqlitePool,
    owner: i64,
    title: String,
    trade: Trade,
    budget: f64,
) -> Result<i64, ApiError> {
    let query = "INSERT INTO jobs (owner, title, trade, budget, posted)
        VALUES (?, ?, ?, ?, unixepoch('subsec')) RETURNING id";
    let query = sqlx::query_as(query)
        .bind(owner)
        .bind(title)
        .bind(trade as i64)
        .bind(budget);
    let id: (i64,) = query.fetch_one(db).await?;
    Ok(id.0)
}

/// The job, if there is one.
#[traced(id, metric = db::query_time("find_job"))]
#[capture_errors]
pub(crate) async fn find(db: &SqlitePool, id: i64) -> Result<Job, ApiError> {
    let job = sqlx::query_as("SELECT * FROM jobs WHERE id = ?")
        .bind(id)
        .fetch_optional(db)
        .await?;
    job.ok_or(ApiError::NotFound("job"))
}
