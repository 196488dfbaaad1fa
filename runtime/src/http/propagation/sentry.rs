//! Sentry's headers: `sentry-trace`, and the dynamic sampling context in `baggage` (Sentry's specification of trace
//! propagation, 1.9.0).

use super::baggage::{self, member};
use super::headers::{Found, Outgoing, hex, set, single};
use crate::collect::organization::own;
use crate::model::incoming::{Incoming, Organization};
use http::HeaderMap;

pub(super) fn extract(headers: &HeaderMap) -> Found {
    let value = match single(headers, "sentry-trace") {
        None => return Found::Nothing,
        Some(Ok(value)) => value.trim(),
        Some(Err(())) => return Found::Malformed,
    };
    let Some((trace, span, sampled)) = parse(value) else {
        return Found::Malformed;
    };
    let (_, context) = baggage::extract(headers);
    let theirs = context.iter().find(|(key, _)| key == "org_id");
    let theirs = theirs.map(|(_, id)| id.as_str());
    if !continues(own().as_ref(), theirs) {
        return Found::Nothing;
    }
    Found::Context(Incoming {
        trace,
        span,
        sampled,
        sentry: context,
        frozen: true,
        ..Incoming::default()
    })
}

/// Returns the sampling context in the baggage, if it belongs to this trace and to an organization whose traces are
/// continued.
pub(super) fn context_of(headers: &HeaderMap, trace: u128) -> Vec<(String, String)> {
    let (_, context) = baggage::extract(headers);
    let of = |name| {
        context
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, v)| v.as_str())
    };
    let is_same = of("trace_id").and_then(|id| hex(id, 32)) == Some(trace);
    if is_same && continues(own().as_ref(), of("org_id")) {
        context
    } else {
        Vec::new()
    }
}

/// Parses `<32 hex>-<16 hex>[-<0|1>]`.
fn parse(value: &str) -> Option<(u128, u64, Option<bool>)> {
    let mut parts = value.split('-');
    let trace = hex(parts.next()?, 32)?;
    let span = hex(parts.next()?, 16)? as u64;
    let sampled = match parts.next() {
        None | Some("") => None,
        Some("1") => Some(true),
        Some("0") => Some(false),
        Some(_) => return None,
    };
    let valid = parts.next().is_none() && trace != 0 && span != 0;
    valid.then_some((trace, span, sampled))
}

/// Returns whether a trace is continued. A trace of another organization never is. If only one of the two organizations is
/// known, the trace is continued unless the configuration is strict.
pub(super) fn continues(own: Option<&Organization>, theirs: Option<&str>) -> bool {
    let ours = own.and_then(|own| own.id.as_deref());
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => ours == theirs,
        (None, None) => true,
        _ => !own.is_some_and(|own| own.strict),
    }
}

/// Writes `sentry-trace` and returns the members of `baggage` with the sampling context. A received context is passed on
/// unchanged.
pub(super) fn inject(headers: &mut HeaderMap, outgoing: &Outgoing<'_>) -> Vec<String> {
    inject_as(own().as_ref(), headers, outgoing)
}

/// Does the same for the given organization.
pub(super) fn inject_as(
    own: Option<&Organization>,
    headers: &mut HeaderMap,
    outgoing: &Outgoing<'_>,
) -> Vec<String> {
    let sampled = u8::from(outgoing.sampled);
    let value = format!("{:032x}-{:016x}-{sampled}", outgoing.trace, outgoing.span);
    set(headers, "sentry-trace", &value);
    let frozen = outgoing
        .incoming
        .map_or(&[][..], |incoming| &incoming.sentry);
    let fresh;
    // The service that began the trace decides the sampling context. A second context would split the trace (dynamic
    // sampling context, 1.3.0).
    let is_frozen = outgoing.incoming.is_some_and(|incoming| incoming.frozen);
    let context = if frozen.is_empty() && !is_frozen {
        fresh = own.map_or_else(Vec::new, |own| {
            context(own, outgoing.trace, outgoing.sampled)
        });
        &fresh
    } else {
        frozen
    };
    context
        .iter()
        .map(|(key, value)| member("sentry-", key, value))
        .collect()
}

/// Returns the sampling context of a trace that this service begins.
pub(crate) fn context(own: &Organization, trace: u128, sampled: bool) -> Vec<(String, String)> {
    let mut context = vec![("trace_id".to_owned(), format!("{trace:032x}"))];
    context.extend(own.context.iter().cloned());
    context.extend(own.id.iter().map(|id| ("org_id".to_owned(), id.clone())));
    let rate = own.sample_rate;
    context.push(("sample_rate".into(), format!("{rate}")));
    context.push((
        "sample_rand".into(),
        format!("{:.6}", sample_rand(trace, rate, sampled)),
    ));
    context.push(("sampled".into(), sampled.to_string()));
    context
}

/// Returns a number in [0, 1) with six decimals that is below the rate if and only if the trace is sampled. It is derived
/// from the trace id, so that it is the same for each request of the trace.
pub(super) fn sample_rand(trace: u128, rate: f64, sampled: bool) -> f64 {
    const STEPS: f64 = 1e6;
    let drawn = (trace as u64) as f64 / 2_f64.powi(64);
    let rand = (drawn * STEPS).floor().min(STEPS - 1.0) / STEPS;
    let limit = (rate * STEPS).ceil();
    match (sampled, rand < rate) {
        (true, false) => ((limit - 1.0).max(0.0) / STEPS).min(rand),
        (false, true) => (limit.min(STEPS - 1.0) / STEPS).max(rand),
        _ => rand,
    }
}
