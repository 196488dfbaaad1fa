//! What all styles of trace headers share.

use super::styles::Propagation;
use crate::base::clock;
use crate::collect::{capture, dropped};
use crate::model::drop_reason::DropReason;
use crate::model::incoming::Incoming;
use http::HeaderMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes looked at, over all lines of one header (otel-rust and the specification of baggage: 8,192).
pub(super) const MAX_BYTES: usize = 8192;
/// Seconds between two warnings of malformed headers, which anybody can send.
const QUIET: f64 = 10.0;

/// Headers of this style are not to be used: counted, and told of now and then.
pub(super) fn invalid(style: Propagation) {
    static TOLD: AtomicU64 = AtomicU64::new(0);
    dropped::count(DropReason::PropagationInvalid);
    // What a test sees does not depend on which test was first: it sees the count.
    if capture::listening().is_none() && is_due(&TOLD, clock::now()) {
        // Not what they say: it is a stranger's text.
        tracing::warn!(
            target: "instrumental",
            "a request's {style:?} headers are malformed and not used; more in the next {QUIET} s are only counted"
        );
    }
}

/// Whether nothing was told for long enough. One of several threads at a time is told so.
pub(super) fn is_due(told: &AtomicU64, now: u64) -> bool {
    let last = told.load(Relaxed);
    (last == 0 || clock::seconds(last, now) >= QUIET)
        && told
            .compare_exchange(last, now.max(1), Relaxed, Relaxed)
            .is_ok()
}

/// What became of one style's headers.
pub(super) enum Found {
    /// There are none.
    Nothing,
    /// They are not to be used: counted, and nothing else.
    Malformed,
    Context(Incoming),
}

/// What is told to another service.
pub(crate) struct Outgoing<'a> {
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) sampled: bool,
    /// What the running request brought along itself.
    pub(crate) incoming: Option<&'a Incoming>,
}

/// The one value of a header; none where there are several, or it is no text.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<Result<&'a str, ()>> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() || value.len() > MAX_BYTES {
        return Some(Err(()));
    }
    Some(value.to_str().map_err(|_| ()))
}

/// Sets a header whose value is ours.
pub(super) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = http::HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Lower-case hexadecimal of exactly this many characters.
pub(super) fn hex(text: &str, len: usize) -> Option<u128> {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let valid = text.len() == len && text.bytes().all(is_hex);
    valid.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}
