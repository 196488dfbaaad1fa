//! Alerts in Rust: what they watch is named by path, and a threshold has a unit, so that an alert on what does not exist,
//! or in the wrong unit, does not compile.
//!
//! ```
//! use instrumental::alerts::*;
//! use instrumental::{alert, catalog, traced};
//!
//! #[catalog]
//! pub mod payments {
//!     /// Time that the card processor takes.
//!     pub fn processing() -> Histogram<Seconds>;
//! }
//!
//! #[traced]
//! fn release(contract: u64) -> Result<(), std::fmt::Error> {
//!     # let _ = contract;
//!     Ok(())
//! }
//!
//! /// Payments fail.
//! #[alert(P1, owner = "payments", impact = "Users cannot complete jobs.")]
//! fn payment_system_down() -> Condition {
//!     error_ratio(calls(release)).above(percent(5)).lasting(minutes(5))
//! }
//!
//! /// The card processor is slow.
//! #[alert(P3, owner = "payments")]
//! fn slow_card_processor() -> Condition {
//!     p95(payments::processing).above(seconds(2)).lasting(minutes(10))
//! }
//! ```
//!
//! `cargo instrumental alerts` turns them into Prometheus rules with tests, Alertmanager routes, Datadog monitors and
//! Sentry alert rules. A signal that the compiler takes and that is not recorded (a function without `#[traced]`) is told
//! by `cargo instrumental check`, and in tests by [`check!`](crate::check).

mod query;
mod resolve;
mod signal;
mod threshold;

pub use crate::model::alert::{Condition, Severity};
pub use query::{
    Query, absent, average, count, error_ratio, level, p50, p95, p99, quantile, rate, share, total,
};
pub use signal::{
    Calls, Counted, Distributed, Errors, Events, Failing, Function, Leveled, Measured, Requests,
    all_calls, calls, errors, event, requests,
};
pub use threshold::{
    Amount, PerSecond, Threshold, bytes, days, eur, hours, millis, minutes, per_hour, per_minute,
    per_second, percent, ratio, seconds, usd,
};
