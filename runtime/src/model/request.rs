//! What is known of the request a call belongs to: its user, tags and breadcrumbs.

use crate::model::incoming::Incoming;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

/// Who a request is served for.
///
/// ```
/// use instrumental::User;
/// let user = User::id("42").email("ann@example.org").role("contractor");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    pub(crate) id: String,
    pub(crate) email: Option<String>,
    pub(crate) role: Option<String>,
}

impl User {
    /// The id.
    #[must_use]
    pub fn get_id(&self) -> &str {
        &self.id
    }

    /// The e-mail address, when given.
    #[must_use]
    pub fn get_email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// The role, when given.
    #[must_use]
    pub fn get_role(&self) -> Option<&str> {
        self.role.as_deref()
    }
}

/// Something that happened before.
#[derive(Clone, Debug)]
pub struct Breadcrumb {
    /// When.
    pub time: SystemTime,
    /// Its kind: `manual`, `event`, `log`.
    pub category: &'static str,
    /// What.
    pub message: String,
}

/// User, tags and breadcrumbs of one request. Follows the task; a copy goes into tasks spawned from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) user: Option<User>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) breadcrumbs: VecDeque<Breadcrumb>,
    /// What the request brought along.
    pub(crate) incoming: Option<Arc<Incoming>>,
}
