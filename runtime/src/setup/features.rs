//! The parts of the setup that depend on Cargo features, besides the table of backends.

use crate::base::given::Given;
use crate::base::settings::ConfigErrors;

/// Returns the names of the enabled features.
pub(super) fn names() -> Vec<&'static str> {
    let all = [
        ("axum", cfg!(feature = "axum")),
        ("datadog", cfg!(feature = "datadog")),
        ("grpc", cfg!(feature = "grpc")),
        ("http", cfg!(feature = "http")),
        ("live", cfg!(feature = "live")),
        ("logs", cfg!(feature = "logs")),
        ("otlp", cfg!(feature = "otlp")),
        ("profiling", cfg!(all(feature = "profiling", unix))),
        ("prometheus", cfg!(feature = "prometheus")),
        ("sentry", cfg!(feature = "sentry")),
        ("testing", cfg!(feature = "testing")),
        ("tokio", cfg!(feature = "tokio")),
    ];
    let on = all.into_iter().filter(|(_, on)| *on);
    on.map(|(name, _)| name).collect()
}

/// The configured trace header styles, before they are installed.
#[cfg(feature = "http")]
pub(super) struct Propagation(crate::http::propagation::Styles);

#[cfg(feature = "http")]
impl Propagation {
    pub(super) fn read(given: &Given, errors: &mut ConfigErrors) -> Self {
        Self(crate::http::propagation::Styles::read(given, errors))
    }

    pub(super) fn install(self) {
        self.0.install();
    }
}

/// Replaces the trace header styles if feature `http` is off.
#[cfg(not(feature = "http"))]
pub(super) struct Propagation;

#[cfg(not(feature = "http"))]
impl Propagation {
    pub(super) fn read(_: &Given, _: &mut ConfigErrors) -> Self {
        Self
    }

    pub(super) fn install(self) {}
}

#[cfg(all(test, feature = "datadog"))]
#[path = "precedence_tests.rs"]
mod precedence_tests;
