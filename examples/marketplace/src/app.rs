//! The state of the API.

use crate::notifications::NotificationService;
use sqlx::SqlitePool;

/// State shared by all requests.
#[derive(Clone)]
pub(crate) struct App {
    pub db: SqlitePool,
    pub notifications: NotificationService,
}
