//! Who asks.

use crate::app::App;
use crate::db::row;
use crate::error::ApiError;
use crate::signals::auth;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use instrumental::{capture_errors, set_tag, set_user, traced};
use sqlx::SqlitePool;

/// Somebody with a valid token.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub id: i64,
    pub email: String,
    pub role: String,
}

row!(User { id, email, role });

impl User {
    /// Refuses everybody else.
    #[traced]
    pub(crate) fn require(&self, role: &str) -> Result<(), ApiError> {
        if self.role == role {
            Ok(())
        } else {
            Err(ApiError::Forbidden)
        }
    }
}

impl FromRequestParts<App> for User {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let user = authenticate(&app.db, header.unwrap_or_default()).await?;
        set_user(
            instrumental::User::id(user.id)
                .email(&*user.email)
                .role(&*user.role),
        );
        set_tag("role", &user.role);
        Ok(user)
    }
}

#[traced]
#[capture_errors]
pub(crate) async fn authenticate(db: &SqlitePool, header: &str) -> Result<User, ApiError> {
    let token = header.strip_prefix("Bearer ").unwrap_or_default();
    let query = "SELECT id, email, role FROM users WHERE token = ?";
    let user = sqlx::query_as(query).bind(token).fetch_optional(db).await?;
    user.ok_or_else(|| {
        auth::failures().increment(1);
        ApiError::InvalidToken
    })
}

/// Makes an account; in a real marketplace, behind a form.
#[traced(role)]
pub(crate) async fn register(db: &SqlitePool, role: &str, token: &str) -> Result<i64, ApiError> {
    let query = "INSERT INTO users (token, email, role) VALUES (?, ?, ?) RETURNING id";
    let email = format!("{token}@example.org");
    let id: (i64,) = sqlx::query_as(query)
        .bind(token)
        .bind(email)
        .bind(role)
        .fetch_one(db)
        .await?;
    Ok(id.0)
}
