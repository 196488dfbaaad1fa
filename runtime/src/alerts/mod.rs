//! Alerts as Rust functions.
//!
//! A condition names its signals by path, and its threshold has a unit. An alert on a signal that does not exist, or in the
//! wrong unit, does not compile.
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
//! `cargo instrumental alerts` translates them to Prometheus rules with tests, Alertmanager routes, Datadog monitors and
//! Sentry alert rules. Some mistakes compile, such as `calls(f)` of a function without `#[traced]`. `cargo instrumental check`
//! reports these, and so does [`check!`](crate::check) in a test.

mod calls;
mod events;
mod query;
mod requests;
mod resolve;
mod signal;
mod threshold;

pub use crate::model::alert::{Condition, Severity};
pub use calls::{Calls, Errors, all_calls, calls, errors};
pub use events::{Events, Measured, event};
pub use query::{
    Query, absent, average, count, error_ratio, level, p50, p95, p99, quantile, rate, share, total,
};
pub use requests::{Requests, requests};
pub use signal::{Counted, Distributed, Failing, Function, Leveled};
pub use threshold::{
    Amount, PerSecond, Threshold, bytes, days, eur, hours, millis, minutes, per_hour, per_minute,
    per_second, percent, ratio, seconds, usd,
};
