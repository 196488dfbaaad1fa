//! Datadog's headers: 64-bit decimal ids, with the upper half of the trace id in `x-datadog-tags`.

use super::headers::{Found, Outgoing, count_malformed, hex, set, single};
use super::styles::Propagation;
use crate::model::incoming::Incoming;
use http::HeaderMap;

/// Bytes of `x-datadog-tags`: the default limit of Datadog's tracers (`DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH`).
const MAX_TAGS: usize = 512;
/// The tag with the upper half of the trace id.
const UPPER: &str = "_dd.p.tid";
/// The tag by which Datadog's tracers report malformed headers on a span.
const PROPAGATION_ERROR: &str = "_dd.propagation_error";
/// Prefix of the tags that are passed on to other services.
const PROPAGATED: &str = "_dd.p.";

pub(super) fn extract(headers: &HeaderMap) -> Found {
    let text = |name| single(headers, name).and_then(Result::ok).map(str::trim);
    let Some(trace) = single(headers, "x-datadog-trace-id") else {
        return Found::Nothing;
    };
    let trace = trace.ok().and_then(|trace| decimal(trace.trim()));
    let Some(lower) = trace.filter(|trace| *trace != 0) else {
        return Found::Malformed;
    };
    let span = match single(headers, "x-datadog-parent-id") {
        None => 0,
        Some(span) => match span.ok().and_then(|span| decimal(span.trim())) {
            Some(span) => span,
            None => return Found::Malformed,
        },
    };
    let priority = text("x-datadog-sampling-priority").and_then(|p| p.parse::<i8>().ok());
    let mut tags = text("x-datadog-tags").map_or_else(Vec::new, tags);
    let upper = take_upper(&mut tags);
    Found::Context(Incoming {
        trace: (upper << 64) | u128::from(lower),
        span,
        sampled: priority.map(|priority| priority > 0),
        priority,
        datadog_origin: text("x-datadog-origin").map(str::to_owned),
        datadog_tags: tags,
        ..Incoming::default()
    })
}

/// Removes the upper half of the trace id from the tags and returns it; 0 if there is none. A malformed one is counted and
/// reported in the tags of the span.
fn take_upper(tags: &mut Vec<(String, String)>) -> u128 {
    let upper = tags.iter().find(|(key, _)| key == UPPER);
    let Some(upper) = upper.map(|(_, value)| value.clone()) else {
        return 0;
    };
    tags.retain(|(key, _)| key != UPPER);
    hex(&upper, 16).unwrap_or_else(|| {
        count_malformed(Propagation::Datadog);
        tags.push((
            PROPAGATION_ERROR.to_owned(),
            format!("malformed_tid {upper}"),
        ));
        0
    })
}

/// Parses decimal digits. `u64::from_str` also accepts a sign.
fn decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn tags(text: &str) -> Vec<(String, String)> {
    if text.len() > MAX_TAGS {
        return Vec::new();
    }
    let pairs = text.split(',').filter_map(|tag| tag.split_once('='));
    pairs
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .filter(|(key, _)| key.starts_with(PROPAGATED))
        .collect()
}

pub(super) fn inject(headers: &mut HeaderMap, outgoing: &Outgoing<'_>) {
    let lower = outgoing.trace as u64;
    set(headers, "x-datadog-trace-id", &lower.to_string());
    set(headers, "x-datadog-parent-id", &outgoing.span.to_string());
    let incoming = outgoing.incoming;
    // Keep the received priority (such as 2, "user keep") unless the sampling decision differs from it.
    let received = incoming.and_then(|incoming| incoming.priority);
    let priority = received.filter(|priority| (*priority > 0) == outgoing.sampled);
    let priority = priority.unwrap_or(i8::from(outgoing.sampled));
    set(
        headers,
        "x-datadog-sampling-priority",
        &priority.to_string(),
    );
    if let Some(origin) = incoming.and_then(|incoming| incoming.datadog_origin.as_deref()) {
        set(headers, "x-datadog-origin", origin);
    }
    let mut tags = String::new();
    let upper = (outgoing.trace >> 64) as u64;
    if upper != 0 {
        tags = format!("{UPPER}={upper:016x}");
    }
    let received = incoming.map_or(&[][..], |incoming| &incoming.datadog_tags);
    for (key, value) in received
        .iter()
        .filter(|(key, _)| key.starts_with(PROPAGATED))
    {
        let comma = if tags.is_empty() { "" } else { "," };
        let tag = format!("{comma}{key}={value}");
        if tags.len() + tag.len() <= MAX_TAGS {
            tags.push_str(&tag);
        }
    }
    if !tags.is_empty() {
        set(headers, "x-datadog-tags", &tags);
    }
}
