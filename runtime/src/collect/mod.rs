//! What calls record: numbers, spans, reports, and who receives them.

pub(crate) mod capture;
pub(crate) mod dispatch;
pub(crate) mod facade;
pub(crate) mod filter;
pub(crate) mod handle;
pub(crate) mod registry;
pub(crate) mod report;
pub(crate) mod store;
pub(crate) mod subscriber;
pub(crate) mod trace;
