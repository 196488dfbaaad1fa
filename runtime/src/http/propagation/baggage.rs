//! W3C Baggage: bounded over all its lines, whoever sends it (CVE-2026-29181, CVE-2026-41178).

use super::headers::{MAX_BYTES, Outgoing};
use http::{HeaderMap, HeaderValue};

/// Members that are read; more are left out (otel-rust and the specification: 64).
const MAX_MEMBERS: usize = 64;
const SENTRY: &str = "sentry-";

type Pairs = Vec<(String, String)>;

/// Members, and those of Sentry without their prefix.
pub(super) fn extract(headers: &HeaderMap) -> (Pairs, Pairs) {
    let (mut others, mut sentry) = (Vec::new(), Vec::new());
    let (mut bytes, mut members) = (0, 0);
    for line in headers.get_all("baggage") {
        bytes += line.len();
        if bytes > MAX_BYTES {
            break;
        }
        let Ok(line) = line.to_str() else { continue };
        for member in line.split(',') {
            if members == MAX_MEMBERS {
                return (others, sentry);
            }
            // What follows a semicolon are properties, which nobody here reads.
            let pair = member.split(';').next().unwrap_or_default();
            let Some((key, value)) = pair.split_once('=') else {
                continue;
            };
            let (key, value) = (key.trim(), decode(value.trim()));
            let is_key = !key.is_empty() && key.bytes().all(is_token);
            let Some(value) = value.filter(|_| is_key) else {
                continue;
            };
            members += 1;
            match key.strip_prefix(SENTRY) {
                Some(key) => sentry.push((key.to_owned(), value)),
                None => others.push((key.to_owned(), value)),
            }
        }
    }
    (others, sentry)
}

/// A character of a key (RFC 7230, `token`).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let hex = text.get(at + 1..at + 3)?;
            // `from_str_radix` takes a sign.
            let is_hex = hex.bytes().all(|b| b.is_ascii_hexdigit());
            out.push(u8::from_str_radix(hex, 16).ok().filter(|_| is_hex)?);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

/// `key=value`, with what is not allowed in a value in percent-encoding.
pub(super) fn member(prefix: &str, key: &str, value: &str) -> String {
    let mut out = format!("{prefix}{key}=");
    for byte in value.bytes() {
        let plain = byte.is_ascii_graphic() && !b"\",;\\%".contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// What came is handed on.
pub(super) fn members(outgoing: &Outgoing<'_>) -> Vec<String> {
    let bag = outgoing
        .incoming
        .map_or(&[][..], |incoming| &incoming.baggage);
    bag.iter()
        .map(|(key, value)| member("", key, value))
        .collect()
}

/// Adds to what the request says already, within the limits.
pub(super) fn append(headers: &mut HeaderMap, members: &[String]) {
    let there = headers.get_all("baggage").iter();
    let there: Vec<String> = there
        .filter_map(|v| Some(v.to_str().ok()?.to_owned()))
        .collect();
    let mut all = there.join(",");
    let keys: Vec<String> = all
        .split(',')
        .filter_map(key_of)
        .map(str::to_owned)
        .collect();
    for member in members {
        let known = key_of(member).is_some_and(|key| keys.iter().any(|known| known == key));
        if known || all.len() + member.len() + 1 > MAX_BYTES {
            continue;
        }
        if !all.is_empty() {
            all.push(',');
        }
        all.push_str(member);
    }
    if !all.is_empty()
        && let Ok(value) = HeaderValue::from_str(&all)
    {
        headers.insert("baggage", value);
    }
}

fn key_of(member: &str) -> Option<&str> {
    member.split_once('=').map(|(key, _)| key.trim())
}
