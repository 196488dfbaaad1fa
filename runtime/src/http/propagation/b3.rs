//! B3, as a single header and as multiple headers.

use super::headers::{Found, Outgoing, hex, set, single};
use crate::model::incoming::Incoming;
use http::HeaderMap;

pub(super) fn extract_single(headers: &HeaderMap) -> Found {
    let value = match single(headers, "b3") {
        None => return Found::Nothing,
        Some(Ok(value)) => value.trim(),
        Some(Err(())) => return Found::Malformed,
    };
    let mut parts = value.split('-');
    let first = parts.next().unwrap_or_default();
    let context = match (first, parts.next()) {
        // A sampling decision without ids.
        (_, None) => decision(first).map(|sampled| Incoming {
            sampled: Some(sampled),
            ..Incoming::default()
        }),
        (trace, Some(span)) => ids(trace, span).and_then(|context| {
            let sampled = match parts.next() {
                None => None,
                Some(state) => Some(decision(state)?),
            };
            Some(Incoming { sampled, ..context })
        }),
    };
    context.map_or(Found::Malformed, Found::Context)
}

pub(super) fn extract_multi(headers: &HeaderMap) -> Found {
    let text = |name| single(headers, name).and_then(Result::ok).map(str::trim);
    let debug = text("x-b3-flags") == Some("1");
    let sampled = text("x-b3-sampled").and_then(|sampled| match sampled {
        "true" => Some(true),
        "false" => Some(false),
        state => decision(state),
    });
    let sampled = if debug { Some(true) } else { sampled };
    let context = match (
        single(headers, "x-b3-traceid"),
        single(headers, "x-b3-spanid"),
    ) {
        (None, None) if sampled.is_none() => return Found::Nothing,
        (None, None) => Some(Incoming::default()),
        (Some(Ok(trace)), Some(Ok(span))) => ids(trace.trim(), span.trim()),
        _ => None,
    };
    match context {
        Some(context) => Found::Context(Incoming { sampled, ..context }),
        None => Found::Malformed,
    }
}

/// Parses a sampling decision; `d` (debug) implies sampling.
fn decision(state: &str) -> Option<bool> {
    match state {
        "1" | "d" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

fn ids(trace: &str, span: &str) -> Option<Incoming> {
    let trace = hex(trace, 32).or_else(|| hex(trace, 16))?;
    let span = hex(span, 16)? as u64;
    (trace != 0 && span != 0).then(|| Incoming {
        trace,
        span,
        ..Incoming::default()
    })
}

pub(super) fn inject_single(headers: &mut HeaderMap, outgoing: &Outgoing<'_>) {
    let sampled = u8::from(outgoing.sampled);
    let value = format!("{:032x}-{:016x}-{sampled}", outgoing.trace, outgoing.span);
    set(headers, "b3", &value);
}

pub(super) fn inject_multi(headers: &mut HeaderMap, outgoing: &Outgoing<'_>) {
    set(headers, "x-b3-traceid", &format!("{:032x}", outgoing.trace));
    set(headers, "x-b3-spanid", &format!("{:016x}", outgoing.span));
    set(
        headers,
        "x-b3-sampled",
        if outgoing.sampled { "1" } else { "0" },
    );
}
