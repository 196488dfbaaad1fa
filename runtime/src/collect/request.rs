//! Limits of what is kept of a request.

use crate::collect::bounded::{shortened, text};
use crate::collect::dropped;
use crate::model::drop_reason::DropReason;
use crate::model::request::{Breadcrumb, Scope, User};
use std::fmt::Display;

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
