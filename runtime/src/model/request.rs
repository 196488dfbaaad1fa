//! Context of a request: its user, tags and breadcrumbs.

use crate::model::incoming::Incoming;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

/// The user on whose behalf a request is served. Set it with [`set_user`](crate::set_user).
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
    /// Returns the id.
    #[must_use]
    pub fn get_id(&self) -> &str {
        &self.id
    }

    /// Returns the e-mail address, if set.
    #[must_use]
    pub fn get_email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// Returns the role, if set.
    #[must_use]
    pub fn get_role(&self) -> Option<&str> {
        self.role.as_deref()
    }
}

/// Something that happened in a request before an error. Reports carry the last breadcrumbs of their request.
#[derive(Clone, Debug)]
pub struct Breadcrumb {
    /// When it happened.
    pub time: SystemTime,
    /// Its kind: `manual`, `event`, `log`.
    pub category: &'static str,
    /// Its text.
    pub message: String,
}

/// User, tags and breadcrumbs of one request. It moves with the task between threads; tasks spawned from it get a copy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) user: Option<User>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) breadcrumbs: VecDeque<Breadcrumb>,
    /// The trace context that the request carried in.
    pub(crate) incoming: Option<Arc<Incoming>>,
}
