//! What calls record: numbers, spans, reports, and who receives them.

pub(crate) mod bounded;
pub(crate) mod capture;
pub(crate) mod dispatch;
pub(crate) mod dropped;
pub(crate) mod facade;
pub(crate) mod filter;
pub(crate) mod handle;
pub(crate) mod organization;
pub(crate) mod record_queue;
pub(crate) mod registry;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod store;
pub(crate) mod subscriber;
pub(crate) mod throttle;
pub(crate) mod trace;
