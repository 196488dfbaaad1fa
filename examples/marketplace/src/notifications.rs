//! The notification service: a second service, called over HTTP.

use crate::client::Client;
use crate::error::ApiError;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use instrumental::{breadcrumb, capture_errors, capture_message, traced};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

const ATTEMPTS: u32 = 3;

/// A message to a user.
#[derive(Deserialize, Serialize)]
pub(crate) struct Notification {
    user_id: i64,
    text: String,
}

/// The service as the marketplace sees it.
#[derive(Clone)]
pub(crate) struct NotificationService {
    client: Client,
}

impl NotificationService {
    /// The service at an address.
    pub(crate) fn at(client: Client) -> Self {
        Self { client }
    }

    /// Sends, and tries again when the service is busy.
    #[traced(user_id)]
    #[capture_errors]
    pub(crate) async fn send_with_retry(&self, user_id: i64, text: &str) -> Result<(), ApiError> {
        let mut wait = Duration::from_millis(10);
        for attempt in 1..ATTEMPTS {
            match self.send(user_id, text).await {
                Ok(()) => return Ok(()),
                Err(error) => breadcrumb(format!("attempt {attempt}: {error}")),
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        self.send(user_id, text).await
    }

    #[traced]
    async fn send(&self, user_id: i64, text: &str) -> Result<(), ApiError> {
        let body = Notification {
            user_id,
            text: text.to_owned(),
        };
        let answer = self.client.post("/notify", None, &body).await;
        match answer {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(ApiError::Notification(format!("status {}", answer.status))),
            Err(error) => Err(ApiError::Notification(error.to_string())),
        }
    }
}

/// The service itself.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/notify", post(notify))
        .layer(instrumental::http::server())
        .with_state(Arc::new(AtomicU64::new(0)))
}

#[traced(error_if = |status| status.is_server_error())]
async fn notify(
    State(count): State<Arc<AtomicU64>>,
    Json(notification): Json<Notification>,
) -> StatusCode {
    // Its mail provider is busy, one time in seven.
    if count.fetch_add(1, Relaxed) % 7 == 3 {
        tracing::warn!(user_id = notification.user_id, "mail provider is busy");
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    mail(&notification).await;
    StatusCode::OK
}

/// The mail provider.
#[traced(name = "MailProvider::deliver", kind = client)]
async fn mail(notification: &Notification) {
    tokio::time::sleep(Duration::from_millis(4)).await;
    if notification.text.is_empty() {
        capture_message(
            "an empty notification was sent",
            instrumental::Level::Warning,
        );
    }
}
