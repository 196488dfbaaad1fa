//! Tower layers: a request that comes is the root of this service's part of its trace; one that goes carries it on.
//!
//! ```no_run
//! # #[cfg(feature = "axum")] {
//! let app: axum::Router = axum::Router::new()
//!     .route("/jobs/{id}", axum::routing::get(|| async { "a job" }))
//!     .layer(instrumental::http::server());
//! # }
//! ```
//!
//! Any client that is a `tower::Service` of `http::Request`s gets `client()`; others call [`inject`] on their headers.
//! Span names, attributes and metrics are those of OpenTelemetry's semantic conventions for HTTP (1.37) and RPC.

mod body;
mod client;
mod head;
mod metrics;
pub(crate) mod propagation;
mod server;
mod status;

pub use body::ServerBody;
pub use client::{ClientFuture, ClientLayer, ClientService, client};
pub use propagation::Propagation;
pub use server::{ServerFuture, ServerLayer, ServerService, server};

use crate::collect::trace::{context, frame, scope};
use propagation::Outgoing;

/// Writes the running call's trace context into the headers of a request, in every style that is chosen
/// (`DD_TRACE_PROPAGATION_STYLE`, `OTEL_PROPAGATORS`). Outside any call: nothing.
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// instrumental::http::inject(&mut headers);
/// ```
pub fn inject(headers: &mut ::http::HeaderMap) {
    let current = context::current();
    let scope = scope::scope();
    let incoming = scope.as_ref().and_then(|scope| scope.incoming.as_deref());
    let outgoing = Outgoing {
        trace: current.trace_id(),
        span: current.span,
        sampled: context::current_flags() & frame::SAMPLED != 0,
        incoming,
    };
    propagation::inject(headers, &outgoing);
}
