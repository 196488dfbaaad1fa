//! Limits of a request's user, tags and breadcrumbs.

use crate::collect::bounded::{shortened, text};
use crate::collect::dropped;
use crate::model::drop_reason::DropReason;
use crate::model::request::{Breadcrumb, Scope, User};
use std::fmt::Display;

/// Maximum number of breadcrumbs of a request: the default of Sentry's `max_breadcrumbs`.
const MAX_BREADCRUMBS: usize = 100;
/// Maximum number of tags of a request.
pub(crate) const MAX_TAGS: usize = 50;
/// Maximum length of a tag's key or value, in bytes: the limit of Sentry and Datadog.
const MAX_TAG_BYTES: usize = 200;
/// Maximum length of a user's id, address or role, in bytes. An e-mail address has at most 254 (RFC 5321).
const MAX_USER_BYTES: usize = 256;
/// Maximum length of a breadcrumb's message, in bytes.
const MAX_MESSAGE_BYTES: usize = 1024;

impl User {
    /// Creates a user with this id. Like the other values, it is truncated to 256 bytes.
    #[must_use]
    pub fn id(id: impl Display) -> Self {
        Self {
            id: text(&id, MAX_USER_BYTES),
            ..Self::default()
        }
    }

    /// Sets the e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Display) -> Self {
        self.email = Some(text(&email, MAX_USER_BYTES));
        self
    }

    /// Sets the role.
    #[must_use]
    pub fn role(mut self, role: impl Display) -> Self {
        self.role = Some(text(&role, MAX_USER_BYTES));
        self
    }
}

impl Scope {
    pub(crate) fn set_tag(&mut self, key: &str, value: String) {
        let key = tag_key(key);
        match self.tags.iter().position(|(known, _)| *known == key) {
            Some(at) => self.tags[at].1 = value,
            None if self.tags.len() < MAX_TAGS => self.tags.push((key, value)),
            None => dropped::count(DropReason::TagLimit),
        }
    }

    pub(crate) fn add_breadcrumb(&mut self, category: &'static str, message: String) {
        if self.breadcrumbs.len() == MAX_BREADCRUMBS {
            self.breadcrumbs.pop_front();
        }
        self.breadcrumbs.push_back(Breadcrumb {
            time: crate::base::host::time_of_day(),
            category,
            message,
        });
    }
}

/// Truncates the key of a tag.
pub(crate) fn tag_key(key: &str) -> String {
    shortened(key, MAX_TAG_BYTES)
}

/// Formats the value of a tag, truncated.
pub(crate) fn tag_value(value: &dyn Display) -> String {
    text(value, MAX_TAG_BYTES)
}

/// Formats the message of a breadcrumb, truncated.
pub(crate) fn crumb(message: &dyn Display) -> String {
    text(message, MAX_MESSAGE_BYTES)
}
