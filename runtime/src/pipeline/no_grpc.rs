//! Stands in for gRPC where feature `grpc` is off: settings that want it are refused.

use std::time::{Duration, Instant};

/// What came of a call.
pub(crate) enum Answer {
    Message(Vec<u8>),
    Again(Option<Duration>),
    TooLarge,
    Refused,
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

    pub(crate) fn call(
        &mut self,
        _: &'static str,
        _: &[(String, String)],
        _: &[u8],
        _: bool,
        _: Instant,
    ) -> Answer {
        match *self {}
    }
}
