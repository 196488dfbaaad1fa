//! Replaces the gRPC client if feature `grpc` is off: a channel cannot be opened.

use std::time::{Duration, Instant};

/// The result of a call.
pub(crate) enum CallResult {
    Message(Vec<u8>),
    Retry(Option<Duration>),
    TooLarge,
    Refused,
}

/// A unary call: the method's path, headers, and the encoded message.
pub(crate) struct Call<'a> {
    pub(crate) method: &'static str,
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: &'a [u8],
    pub(crate) gzip: bool,
}

/// A channel, which has no values.
pub(crate) enum Channel {}

impl Channel {
    /// Returns an error that names the feature.
    ///
    /// # Errors
    /// Always.
    pub(crate) fn open(_: &str, _: super::transport::tls::Tls) -> std::io::Result<Self> {
        Err(std::io::Error::other(
            "gRPC requires the grpc feature of instrumental; enable it or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        ))
    }

    pub(crate) fn failure(&mut self) -> Option<String> {
        match *self {}
    }

    pub(crate) fn call(&mut self, _: &Call<'_>, _: Instant) -> CallResult {
        match *self {}
    }
}
