//! The organization at Sentry that this process reports to: its headers name it.

use crate::model::incoming::Organization;
use std::sync::{PoisonError, RwLock};

static OWN: RwLock<Option<Organization>> = RwLock::new(None);

/// Sets it.
pub(crate) fn set(organization: Organization) {
    *OWN.write().unwrap_or_else(PoisonError::into_inner) = Some(organization);
}

/// Returns it, if Sentry is on.
pub(crate) fn own() -> Option<Organization> {
    OWN.read().unwrap_or_else(PoisonError::into_inner).clone()
}
