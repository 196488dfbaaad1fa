//! What is known of the request a call belongs to: its user, tags and breadcrumbs.

use crate::base::bounded::{shortened, text};
use std::collections::VecDeque;
use std::fmt::Display;
use std::time::SystemTime;

/// Breadcrumbs kept a request; Sentry's default of `max_breadcrumbs`.
const MAX_BREADCRUMBS: usize = 100;
/// Tags kept a request.
pub(crate) const MAX_TAGS: usize = 50;
/// Longest tag value, in bytes: what Sentry and Datadog keep.
const MAX_TAG_BYTES: usize = 200;
/// Longest id, address or role of a user, in bytes: an e-mail address has 254 at most.
const MAX_USER_BYTES: usize = 256;
/// Longest message of a breadcrumb, in bytes.
const MAX_MESSAGE_BYTES: usize = 1024;

/// How serious a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For developers.
    Debug,
    /// Normal operation.
    Info,
    /// Something to look at.
    Warning,
    /// A failure.
    Error,
    /// A failure that threatens the service.
    Fatal,
}

impl Level {
    /// Lower-case name, as Sentry spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}

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
    /// A user by id. As the others, it is cut at 256 bytes.
    #[must_use]
    pub fn id(id: impl Display) -> Self {
        Self {
            id: text(&id, MAX_USER_BYTES),
            ..Self::default()
        }
    }

    /// With an e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Display) -> Self {
        self.email = Some(text(&email, MAX_USER_BYTES));
        self
    }

    /// With a role.
    #[must_use]
    pub fn role(mut self, role: impl Display) -> Self {
        self.role = Some(text(&role, MAX_USER_BYTES));
        self
    }

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
    pub(crate) incoming: Option<std::sync::Arc<super::incoming::Incoming>>,
}

impl Scope {
    pub(crate) fn set_tag(&mut self, key: &str, value: String) {
        let key = tag_key(key);
        match self.tags.iter().position(|(known, _)| *known == key) {
            Some(at) => self.tags[at].1 = value,
            None if self.tags.len() < MAX_TAGS => self.tags.push((key, value)),
            None => crate::base::dropped::count(crate::base::dropped::Reason::TagLimit),
        }
    }

    pub(crate) fn add_breadcrumb(&mut self, category: &'static str, message: String) {
        if self.breadcrumbs.len() == MAX_BREADCRUMBS {
            self.breadcrumbs.pop_front();
        }
        self.breadcrumbs.push_back(Breadcrumb {
            time: SystemTime::now(),
            category,
            message,
        });
    }
}

/// A tag's key, as long as it is kept.
pub(crate) fn tag_key(key: &str) -> String {
    shortened(key, MAX_TAG_BYTES)
}

/// A tag's value, as long as it is kept.
pub(crate) fn tag_value(value: &dyn Display) -> String {
    text(value, MAX_TAG_BYTES)
}

/// A breadcrumb's message, as long as it is kept.
pub(crate) fn crumb(message: &dyn Display) -> String {
    text(message, MAX_MESSAGE_BYTES)
}

/// The longest prefix of at most `limit` bytes that ends at a character.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}
