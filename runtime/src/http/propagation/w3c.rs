//! W3C Trace Context: level 1, and the parts of later versions that it defines.

use super::headers::{Found, MAX_BYTES, Outgoing, hex, set, single};
use crate::model::incoming::Incoming;
use http::HeaderMap;

/// Members of `tracestate` that are passed on (W3C Trace Context: at most 32).
const MAX_MEMBERS: usize = 32;

pub(super) fn extract(headers: &HeaderMap) -> Found {
    let parent = match single(headers, "traceparent") {
        None => return Found::Nothing,
        Some(Ok(parent)) => parent.trim(),
        Some(Err(())) => return Found::Malformed,
    };
    match parse(parent) {
        Some((trace, span, sampled)) => Found::Context(Incoming {
            trace,
            span,
            sampled: Some(sampled),
            tracestate: trace_state(headers),
            ..Incoming::default()
        }),
        None => Found::Malformed,
    }
}

/// Parses `00-<32 hex>-<16 hex>-<2 hex>`. A later version may append further fields.
fn parse(parent: &str) -> Option<(u128, u64, bool)> {
    let version = hex(parent.get(..2)?, 2)?;
    let body = parent.get(2..55)?;
    let ended = match version {
        0 => parent.len() == 55,
        0xff => false,
        _ => parent.len() == 55 || parent.as_bytes().get(55) == Some(&b'-'),
    };
    let mut parts = body.strip_prefix('-')?.split('-');
    let trace = hex(parts.next()?, 32)?;
    let span = hex(parts.next()?, 16)? as u64;
    let flags = hex(parts.next()?, 2)?;
    let valid = ended && parts.next().is_none() && trace != 0 && span != 0;
    valid.then_some((trace, span, flags & 1 == 1))
}

/// Returns the members of all lines in order, within the limits.
fn trace_state(headers: &HeaderMap) -> String {
    let mut out = String::new();
    let (mut members, mut bytes) = (0, 0);
    for line in headers.get_all("tracestate") {
        bytes += line.len();
        if bytes > MAX_BYTES {
            break;
        }
        let Ok(line) = line.to_str() else {
            return String::new();
        };
        for member in line.split(',').map(str::trim).filter(|m| !m.is_empty()) {
            if members == MAX_MEMBERS {
                return out;
            }
            if !out.is_empty() {
                out.push(',');
            }
            out.push_str(member);
            members += 1;
        }
    }
    out
}

pub(super) fn inject(headers: &mut HeaderMap, outgoing: &Outgoing<'_>) {
    let sampled = u8::from(outgoing.sampled);
    let parent = format!(
        "00-{:032x}-{:016x}-{sampled:02x}",
        outgoing.trace, outgoing.span
    );
    set(headers, "traceparent", &parent);
    if let Some(incoming) = outgoing.incoming
        && !incoming.tracestate.is_empty()
    {
        set(headers, "tracestate", &incoming.tracestate);
    }
}
