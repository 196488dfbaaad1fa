//! Floor 0: plain data and traits. Nothing here records, locks or allocates on a hot path.

pub(crate) mod alert;
pub(crate) mod change;
pub(crate) mod cut;
pub(crate) mod drop_reason;
pub(crate) mod event;
pub(crate) mod family;
pub(crate) mod fault;
pub(crate) mod fields;
pub(crate) mod ids;
pub(crate) mod incoming;
pub(crate) mod label;
pub(crate) mod level;
pub(crate) mod log_format;
pub(crate) mod names;
pub(crate) mod outcome;
pub(crate) mod path;
pub(crate) mod record;
pub(crate) mod request;
pub(crate) mod site;
pub(crate) mod span;
pub(crate) mod spec;
pub(crate) mod status;
pub mod unit;
