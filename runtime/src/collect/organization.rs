//! The Sentry organization that this process reports to, which is sent in trace headers.

use crate::model::incoming::Organization;
use std::sync::{PoisonError, RwLock};

static OWN: RwLock<Option<Organization>> = RwLock::new(None);

/// Sets the organization.
pub(crate) fn set(organization: Organization) {
    *OWN.write().unwrap_or_else(PoisonError::into_inner) = Some(organization);
}

/// Returns the organization if Sentry is on.
pub(crate) fn own() -> Option<Organization> {
    OWN.read().unwrap_or_else(PoisonError::into_inner).clone()
}
