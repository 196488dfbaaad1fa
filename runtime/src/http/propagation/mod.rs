//! Trace contexts in headers: read in an order one chooses, written in every style one chooses.

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
use headers::{Found, invalid};
use http::HeaderMap;
use styles::styles;

/// What a request brought along, by the first style whose headers are there and well formed. Contexts of other styles
/// that name another trace become links.
pub(crate) fn extract(headers: &HeaderMap) -> Option<Incoming> {
    extract_with(headers, &styles())
}

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
                invalid(*style);
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
    // A service between may know `traceparent` and baggage alone.
    if incoming.sentry.is_empty() && styles.extract.contains(&Propagation::Sentry) {
        incoming.sentry = sentry::context_of(headers, incoming.trace);
    }
    Some(incoming)
}

/// Adds what another style says of the same request.
fn merge(first: &mut Incoming, other: Incoming) {
    if first.trace == 0 {
        // Only a decision, such as `b3: 0`.
        let sampled = first.sampled.or(other.sampled);
        *first = other;
        first.sampled = sampled;
        return;
    }
    if is_same(first.trace, other.trace) {
        // Whole, wherever it was said whole: half of it would be another trace to everybody else.
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

/// Whether two ids name one trace: a style of 64 bits, or a proxy that drops headers, leaves the lower half.
fn is_same(one: u128, other: u128) -> bool {
    let is_half = one >> 64 == 0 || other >> 64 == 0;
    one == other || (is_half && one as u64 == other as u64)
}

/// Writes the context in every style that is chosen.
pub(crate) fn inject(headers: &mut HeaderMap, outgoing: &Outgoing<'_>) {
    inject_with(headers, outgoing, &styles());
}

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
mod tests;
