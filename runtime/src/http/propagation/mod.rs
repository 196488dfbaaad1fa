//! Trace contexts in headers, read and written in configurable styles.

mod b3;
mod baggage;
mod datadog;
mod headers;
#[allow(dead_code, reason = "only Sentry sets its organization")]
mod sentry;
mod styles;
mod w3c;

pub(crate) use headers::Outgoing;
pub use styles::Propagation;
pub(crate) use styles::Styles;

use crate::model::incoming::Incoming;
use headers::{Found, count_malformed};
use http::HeaderMap;
use styles::styles;

/// Returns the trace context of a request: that of the first style whose headers are present and well formed. Contexts of
/// other styles that name another trace become links.
pub(crate) fn extract(headers: &HeaderMap) -> Option<Incoming> {
    extract_with(headers, &styles())
}

/// Does the same with the given styles.
pub(crate) fn extract_with(headers: &HeaderMap, styles: &Styles) -> Option<Incoming> {
    let mut first: Option<Incoming> = None;
    let mut bag = Vec::new();
    for style in &styles.extract {
        let found = match style {
            Propagation::TraceContext => w3c::extract(headers),
            Propagation::Datadog => datadog::extract(headers),
            Propagation::B3 => b3::extract_single(headers),
            Propagation::B3Multi => b3::extract_multi(headers),
            Propagation::Sentry => sentry::extract(headers),
            Propagation::Baggage => {
                bag = baggage::extract(headers).0;
                continue;
            }
        };
        let context = match found {
            Found::Nothing => continue,
            Found::Malformed => {
                count_malformed(*style);
                continue;
            }
            Found::Context(context) => context,
        };
        match &mut first {
            None => first = Some(context),
            Some(first) => merge(first, context),
        }
    }
    if first.is_none() && !bag.is_empty() {
        first = Some(Incoming::default());
    }
    let mut incoming = first?;
    incoming.baggage = bag;
    // A service in between may pass on `traceparent` and baggage only.
    if incoming.sentry.is_empty() && styles.extract.contains(&Propagation::Sentry) {
        incoming.sentry = sentry::context_of(headers, incoming.trace);
    }
    Some(incoming)
}

/// Merges the context of another style into the first one.
fn merge(first: &mut Incoming, other: Incoming) {
    if first.trace == 0 {
        // The first style has only a sampling decision, such as `b3: 0`.
        let sampled = first.sampled.or(other.sampled);
        *first = other;
        first.sampled = sampled;
        return;
    }
    if is_same(first.trace, other.trace) {
        // Keep all 128 bits if either style has them: backends take the lower half alone for another trace.
        first.trace = first.trace.max(other.trace);
        first.frozen |= other.frozen;
        if first.tracestate.is_empty() {
            first.tracestate = other.tracestate;
        }
        if first.sentry.is_empty() {
            first.sentry = other.sentry;
        }
    } else if other.trace != 0 {
        first.links.push((other.trace, other.span));
    }
}

/// Returns whether two ids name the same trace. Styles with 64-bit ids, and proxies that drop headers, leave only the lower
/// half.
fn is_same(one: u128, other: u128) -> bool {
    let is_half = one >> 64 == 0 || other >> 64 == 0;
    one == other || (is_half && one as u64 == other as u64)
}

/// Writes the trace context in every configured style.
pub(crate) fn inject(headers: &mut HeaderMap, outgoing: &Outgoing<'_>) {
    inject_with(headers, outgoing, &styles());
}

/// Does the same with the given styles.
pub(crate) fn inject_with(headers: &mut HeaderMap, outgoing: &Outgoing<'_>, styles: &Styles) {
    if outgoing.trace == 0 {
        return;
    }
    let mut bag: Vec<String> = Vec::new();
    for style in &styles.inject {
        match style {
            Propagation::TraceContext => w3c::inject(headers, outgoing),
            Propagation::Datadog => datadog::inject(headers, outgoing),
            Propagation::B3 => b3::inject_single(headers, outgoing),
            Propagation::B3Multi => b3::inject_multi(headers, outgoing),
            Propagation::Sentry => bag.extend(sentry::inject(headers, outgoing)),
            Propagation::Baggage => bag.extend(baggage::members(outgoing)),
        }
    }
    baggage::append(headers, &bag);
}

#[cfg(test)]
mod sentry_tests;
#[cfg(test)]
mod tests;
