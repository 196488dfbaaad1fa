//! What can go wrong, and what each of it means: to the metrics, the reports and the caller.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use instrumental::{Classified, Outcome};
use std::fmt;

/// An error of the API.
#[derive(Debug, Outcome)]
pub(crate) enum ApiError {
    #[outcome(expected)]
    NotFound(&'static str),
    #[outcome(client, http = 401)]
    #[label("AUTH_INVALID_TOKEN")]
    InvalidToken,
    #[outcome(client, http = 403)]
    Forbidden,
    #[outcome(client, http = 422)]
    Invalid(&'static str),
    #[outcome(client, http = 409)]
    Conflict(&'static str),
    #[outcome(client, http = 402)]
    Declined(String),
    #[outcome(server, http = 502)]
    Processor(String),
    #[outcome(retry)]
    Notification(String),
    #[outcome(fatal, page)]
    Mismatch { held: f64, amount: f64 },
    #[outcome(fatal, page)]
    Database(sqlx::Error),
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(what) => write!(f, "{what} not found"),
            Self::InvalidToken => f.write_str("the token is not valid"),
            Self::Forbidden => f.write_str("not allowed for this role"),
            Self::Invalid(why) | Self::Conflict(why) => f.write_str(why),
            Self::Declined(why) => write!(f, "card declined: {why}"),
            Self::Processor(why) => write!(f, "the card processor failed: {why}"),
            Self::Notification(why) => write!(f, "notification not sent: {why}"),
            Self::Mismatch { held, amount } => {
                write!(f, "the processor took {amount:.2}, and {held:.2} is held")
            }
            Self::Database(_) => f.write_str("the database failed"),
        }
    }
}

impl std::error::Error for ApiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.class().status());
        (
            status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            self.to_string(),
        )
            .into_response()
    }
}
