//! Plain data and traits, which all other modules use. Nothing here records, locks or allocates on a hot path.

pub(crate) mod alert;
pub(crate) mod change;
pub(crate) mod cut;
pub(crate) mod drop_reason;
pub(crate) mod event;
pub(crate) mod family;
pub(crate) mod fault;
pub(crate) mod fields;
pub(crate) mod ids;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod incoming;
pub(crate) mod label;
pub(crate) mod level;
pub(crate) mod log_format;
pub(crate) mod names;
pub(crate) mod outcome;
pub(crate) mod path;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod record;
#[allow(dead_code, reason = "only the http layers use all of it")]
pub(crate) mod request;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod site;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod span;
pub(crate) mod spec;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod status;
pub mod unit;
