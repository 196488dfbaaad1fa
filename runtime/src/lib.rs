//! Annotate a function once; its span, its metrics, its errors and its business meaning all follow, checked by the
//! compiler.

// What one feature alone uses is dead without it. With all features there is no dead code.
#![allow(dead_code)]

#[doc(hidden)]
pub mod __private;
mod backend;
mod catalog;
mod clock;
mod exemplars;
mod facade;
mod filter;
mod fork;
mod handle;
#[cfg(feature = "http")]
pub mod http;
mod lost;
mod mode;
mod model;
#[cfg(feature = "net")]
mod net;
mod ops;
mod outbox;
mod per_thread;
mod pipeline;
#[cfg(feature = "http")]
mod propagation;
mod quiet;
mod registry;
mod report;
#[cfg(feature = "serve")]
mod serve;
mod settings;
mod setup;
mod store;
mod subscriber;
mod tap;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod trace;

pub use instrumental_macros::{
    Label, Outcome, business_event, capture_errors, catalog, instrument, traced,
};

#[cfg(feature = "datadog")]
pub use backend::datadog::{CheckStatus, Datadog, service_check};
#[cfg(feature = "otlp")]
pub use backend::otlp::{Otlp, OtlpProtocol};
#[cfg(feature = "profiling")]
pub use backend::profiling::{Profile, ProfileError, profile};
#[cfg(feature = "prometheus")]
pub use backend::prometheus::prometheus_page;
#[cfg(feature = "sentry")]
pub use backend::sentry::Sentry;
pub use catalog::{Catalog, CatalogEntry, CatalogError, CatalogKind, CatalogLabel, catalog};
pub use handle::{Counter, Gauge, Histogram};
pub use lost::{Reason as LostReason, lost};
pub use model::event::Event;
pub use model::family::MetricKind;
pub use model::fault::{Classified, ErrorClass, ErrorKind, VariantLabel};
pub use model::label::{Bounded, Label};
pub use model::outcome::Outcome;
pub use model::scope::{Breadcrumb, Level, User};
pub use model::site::{Objective, SpanKind};
pub use model::unit;
pub use ops::summary::summary;
pub use outbox::{Account, BackendHealth, Signal, health};
pub use report::{ErrorReport, capture_error, capture_message};
pub use setup::{Builder, LogFormat, SetupError, ShutdownTimedOut, Telemetry, builder, init};
pub use store::snapshot::{Distribution, Sample, Value as SampleValue};
pub use trace::fields::{FieldValue, Fields};
pub use trace::scope::{breadcrumb, set_tag, set_user};
#[cfg(feature = "tokio")]
pub use trace::task::spawn;
pub use trace::task::{Carries, InCurrentCall, in_current_call, scope};

/// Reads every series of the process, those of telemetry itself (`instrumental.*`) included. Counts are exact; a value
/// recorded meanwhile may be in or not.
///
/// ```
/// for sample in instrumental::samples() {
///     println!("{} {:?} {:?}", sample.name(), sample.labels(), sample.value);
/// }
/// ```
#[must_use]
pub fn samples() -> Vec<Sample> {
    let mut samples = store::snapshot::samples();
    samples.extend(ops::own::samples());
    samples
}
