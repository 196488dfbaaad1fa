//! Reading and writing of headers, for all styles.

use super::styles::Propagation;
use crate::base::clock;
use crate::collect::{capture, dropped};
use crate::model::drop_reason::DropReason;
use crate::model::incoming::Incoming;
use http::HeaderMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes read of one header, over all its lines (the limit of W3C Baggage; opentelemetry-rust has the same).
pub(super) const MAX_BYTES: usize = 8192;
/// Seconds between two warnings about malformed headers. Any client can send them, and could fill the log.
const WARNING_INTERVAL: f64 = 10.0;

/// Counts malformed headers of a style, and logs a warning if none was logged within [`WARNING_INTERVAL`].
pub(super) fn count_malformed(style: Propagation) {
    static WARNED: AtomicU64 = AtomicU64::new(0);
    dropped::count(DropReason::PropagationInvalid);
    // A test captures the count alone: a log line would depend on which test of the process ran first.
    if capture::listening().is_none() && is_due(&WARNED, clock::now()) {
        // The values are left out, as the client chose them.
        tracing::warn!(
            target: "instrumental",
            "ignored malformed {style:?} headers of a request; further ones within {WARNING_INTERVAL} s are only counted"
        );
    }
}

/// Returns whether the warning interval has elapsed since `last_warning`, in ticks; true for at most one concurrent caller.
pub(super) fn is_due(last_warning: &AtomicU64, now: u64) -> bool {
    let last = last_warning.load(Relaxed);
    (last == 0 || clock::seconds(last, now) >= WARNING_INTERVAL)
        && last_warning
            .compare_exchange(last, now.max(1), Relaxed, Relaxed)
            .is_ok()
}

/// The result of reading the headers of one style.
pub(super) enum Found {
    /// The request has no headers of this style.
    Nothing,
    /// The headers are malformed. They are counted and otherwise ignored.
    Malformed,
    Context(Incoming),
}

/// The trace context that is sent to another service.
pub(crate) struct Outgoing<'a> {
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) sampled: bool,
    /// The context of the incoming request that this one is sent for.
    pub(crate) incoming: Option<&'a Incoming>,
}

/// Returns the value of a header; an error if the header is repeated, too long or not text.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<Result<&'a str, ()>> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() || value.len() > MAX_BYTES {
        return Some(Err(()));
    }
    Some(value.to_str().map_err(|_| ()))
}

/// Sets a header, unless its value is not valid in a header.
pub(super) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = http::HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Parses exactly `len` digits of lower-case hexadecimal.
pub(super) fn hex(text: &str, len: usize) -> Option<u128> {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let valid = text.len() == len && text.bytes().all(is_hex);
    valid.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}
