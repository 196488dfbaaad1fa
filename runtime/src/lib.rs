//! Instrumentation by attributes: annotate a function once, and its span, metrics, error reports and business events follow,
//! checked by the compiler.
//!
//! ```no_run
//! use instrumental::{Label, Outcome, business_event, capture_errors, catalog, traced};
//!
//! #[derive(Label, Clone, Copy)]
//! pub enum Trade { Plumbing, Roofing }
//!
//! #[catalog]
//! pub mod payments {
//!     /// Time that a card processor takes.
//!     pub fn processing(trade: Trade) -> Histogram<Seconds>;
//! }
//!
//! #[business_event("payment.released")]
//! pub struct PaymentReleased { pub contract_id: u64, #[measure(usd)] pub amount: f64 }
//!
//! #[derive(Debug, Outcome)]
//! pub enum PaymentError { #[outcome(expected)] NotFound(u64), #[outcome(client, http = 402)] Declined }
//!
//! #[traced(contract_id, slow = "1s", metric = payments::processing(trade))]
//! #[capture_errors]
//! #[business_event(PaymentReleased { contract_id, amount: *amount }, on = Ok(amount))]
//! async fn release(contract_id: u64, trade: Trade) -> Result<f64, PaymentError> {
//!     if contract_id == 0 { return Err(PaymentError::NotFound(contract_id)); }
//!     Ok(120.0)
//! }
//!
//! fn main() -> Result<(), instrumental::SetupError> {
//!     let telemetry = instrumental::init()?;
//!     // ..
//!     drop(telemetry); // exports what is still queued
//!     Ok(())
//! }
//! ```
//!
//! Every annotated call ends as `ok`, `error`, `cancelled` or `panicked` (see [`Outcome`](enum@Outcome)). Whether it returned
//! an error is decided by the type of the returned value. The call's duration is recorded in a histogram by function and
//! outcome, its errors are counted by variant, and it is a span in the current trace. An error is reported once, by the
//! innermost [`capture_errors`], even if it is returned through several functions.
//!
//! A library depends on this crate without features and annotates its functions. An application turns features on and calls
//! [`init`]; or it installs its own `tracing` subscriber and `metrics` recorder, which then receive spans and measurements.
//!
//! # Features
//!
//! Features decide what is compiled in. The environment, or a [`Builder`], decides what is turned on at run time.
//!
//! | feature | contents | turned on by |
//! |---|---|---|
//! | none | attributes, metrics, the application's own subscriber and recorder; no thread, no socket | |
//! | `logs` | console lines, trace trees, a summary; log files; lines over TCP | always; `LOG_FORMAT`, `LOG_DIR`, `LOG_TCP` |
//! | `sentry` | errors, messages and panics as events, traces as transactions | `SENTRY_DSN` |
//! | `datadog` | metrics over DogStatsD, traces to the Agent, service checks | `DD_AGENT_HOST`, `DD_TRACE_AGENT_URL`, `DD_DOGSTATSD_URL` |
//! | `prometheus` | a page for Prometheus to scrape, with exemplars | `PROMETHEUS_PORT`, `OTEL_METRICS_EXPORTER=prometheus` |
//! | `otlp` | traces, metrics and logs over HTTP | `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_EXPORTER=otlp` and the like |
//! | `grpc` | the same over gRPC | `OTEL_EXPORTER_OTLP_PROTOCOL=grpc` |
//! | `http` | `http::server()` and `http::client()`, layers for `tower`; trace context headers in six styles | code |
//! | `axum` | the same, with axum's routes | code |
//! | `actix-web`, `reqwest`, `tonic` | classification of their errors, by status and code; `http` classifies statuses, `axum` its rejections | |
//! | `live` | a live view of the process in a browser | with pretty logs; `INSTRUMENTAL_LIVE` |
//! | `profiling` | a CPU profile on demand | with `live`, or `prometheus` on loopback |
//! | `tokio` | `spawn`, which propagates the context to the task | code |
//! | `testing` | `testing::capture`, to assert on telemetry | tests |
//!
//! # Next steps
//!
//! - The attributes, each with its complete grammar: [`traced`], [`capture_errors`], [`business_event`], [`macro@catalog`],
//!   [`Label`](derive@Label), [`Outcome`](derive@Outcome), and [`instrument`] for code that comes from `tracing`.
//! - Alerts, declared with [`macro@alert`]; their conditions are built with the functions of [`alerts`].
//! - Metrics: [`Counter`], [`Gauge`], [`Histogram`].
//! - The HTTP status of an error's response: [`Classified`].
//! - Settings and their environment variables: [`Builder`], and for backends `Sentry`, `Datadog`, `Otlp`.
//! - A backend of your own: [`export`]. Secrets kept out of what leaves, items changed or dropped: [`processor`].
//! - The context of a request: [`set_user`], [`set_tag`], [`breadcrumb`]; its propagation to other tasks:
//!   [`in_current_call`].
//! - Manual reports: [`capture_error`], [`capture_message`].
//! - Dropped telemetry, with reasons: [`health`] for each backend, [`lost`] for everything dropped before.
//! - The inventory of the program: [`catalog()`] lists every function, metric and event; [`check!`] in a test finds
//!   collisions.

// On docs.rs, each item shows the feature it requires.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
pub mod __private;
pub mod alerts;
mod backend;
mod base;
mod catalog;
mod classes;
mod collect;
#[cfg(feature = "http")]
pub mod http;
mod model;
mod ops;
mod pipeline;
mod setup;
#[cfg(feature = "testing")]
pub mod testing;

pub use instrumental_macros::{
    Label, Outcome, alert, business_event, capture_errors, catalog, instrument, traced,
};

#[cfg(feature = "datadog")]
pub use backend::datadog::{CheckStatus, Datadog, service_check};
pub use backend::export;
#[cfg(feature = "otlp")]
pub use backend::otlp::{Otlp, OtlpProtocol};
#[cfg(all(feature = "profiling", unix))]
pub use backend::profiling::{Profile, ProfileError, profile};
#[cfg(feature = "prometheus")]
pub use backend::prometheus::prometheus_page;
#[cfg(feature = "sentry")]
pub use backend::sentry::Sentry;
pub use base::drop_counts::lost;
pub use catalog::{Catalog, CatalogEntry, CatalogError, CatalogKind, CatalogLabel, catalog};
#[cfg(feature = "tokio")]
pub use classes::tokio::spawn;
pub use collect::handle::{Counter, Gauge, Histogram};
pub use collect::report::{ErrorReport, capture_error, capture_message};
pub use collect::store::snapshot::{Distribution, Sample, Value as SampleValue};
pub use collect::trace::scope::{breadcrumb, set_tag, set_user};
pub use collect::trace::task::{Carries, InCurrentCall, in_current_call, scope};
pub use model::drop_reason::DropReason as LostReason;
pub use model::event::Event;
pub use model::family::MetricKind;
pub use model::fault::{Classified, ErrorClass, ErrorKind, VariantLabel};
pub use model::fields::{FieldValue, Fields};
pub use model::label::{Bounded, Label};
pub use model::level::Level;
pub use model::log_format::LogFormat;
pub use model::outcome::Outcome;
pub use model::request::{Breadcrumb, User};
pub use model::spec::{Objective, SpanKind};
pub use model::unit;
pub use ops::samples::samples;
pub use ops::summary::summary;
pub use pipeline::processor;
pub use pipeline::queue::{Account, BackendHealth, Signal, health};
pub use setup::{Builder, SetupError, ShutdownTimedOut, Telemetry, builder, init};
