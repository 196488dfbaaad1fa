//! Tower layers for servers and clients: a span, metrics and trace context headers for every request.
//!
//! An incoming request is the root of this service's part of its trace. An outgoing request carries the trace to the
//! next service.
//!
//! ```no_run
//! # #[cfg(feature = "axum")] {
//! let app: axum::Router = axum::Router::new()
//!     .route("/jobs/{id}", axum::routing::get(|| async { "a job" }))
//!     .layer(instrumental::http::server());
//! # }
//! ```
//!
//! [`client()`] wraps any client that is a `tower::Service` of `http::Request`s. With another client, call [`inject`] on
//! the headers of each request.
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

/// Writes the trace context of the running call into the headers of a request, in every configured style
/// (`DD_TRACE_PROPAGATION_STYLE`, `OTEL_PROPAGATORS`).
///
/// Outside any call, the headers do not change.
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
