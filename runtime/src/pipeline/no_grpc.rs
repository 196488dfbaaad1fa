//! Stands in for gRPC where feature `grpc` is off: settings that want it are refused.

use std::time::{Duration, Instant};

/// What came of a call.
pub(crate) enum Answer {
    Message(Vec<u8>),
    Again(Option<Duration>),
    TooLarge,
    Refused,
}

/// A call of a method, with its encoded message.
pub(crate) struct Call<'a> {
    pub(crate) method: &'static str,
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: &'a [u8],
    pub(crate) gzip: bool,
}

/// There is none.
pub(crate) enum Channel {}

impl Channel {
    /// # Errors
    /// Always.
    pub(crate) fn open(_: &str, _: super::transport::tls::Tls) -> std::io::Result<Self> {
        Err(std::io::Error::other(
            "gRPC wants feature `grpc` of `instrumental`; or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        ))
    }

    pub(crate) fn failure(&mut self) -> Option<String> {
        match *self {}
    }

    pub(crate) fn call(&mut self, _: &Call<'_>, _: Instant) -> Answer {
        match *self {}
    }
}
