//! Recording of calls: measurements, spans and reports, and their dispatch to receivers.

pub(crate) mod bounded;
#[allow(dead_code, reason = "only tests that capture use all of it")]
pub(crate) mod capture;
#[allow(dead_code, reason = "only tests that capture use all of it")]
pub(crate) mod dispatch;
pub(crate) mod dropped;
pub(crate) mod facade;
pub(crate) mod filter;
pub(crate) mod handle;
#[allow(dead_code, reason = "only Sentry and the http layers use it")]
pub(crate) mod organization;
pub(crate) mod record_queue;
pub(crate) mod registry;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod store;
pub(crate) mod subscriber;
pub(crate) mod throttle;
pub(crate) mod trace;
