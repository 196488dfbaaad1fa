//! Floor 0: plain data and traits. Nothing here records, locks or allocates on a hot path.

pub(crate) mod alert;
pub(crate) mod event;
pub(crate) mod family;
pub(crate) mod fault;
pub(crate) mod host;
pub(crate) mod incoming;
pub(crate) mod label;
pub(crate) mod names;
pub(crate) mod outcome;
pub(crate) mod path;
pub(crate) mod scope;
pub(crate) mod series;
pub(crate) mod site;
pub(crate) mod status;
pub mod unit;
