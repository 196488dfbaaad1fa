//! W3C Baggage. The limits apply to all lines of the header together (CVE-2026-29181, CVE-2026-41178).

use super::headers::{MAX_BYTES, Outgoing};
use http::{HeaderMap, HeaderValue};

/// Members that are read; further ones are ignored (the limit of W3C Baggage; opentelemetry-rust has the same).
const MAX_MEMBERS: usize = 64;
const SENTRY: &str = "sentry-";

type Pairs = Vec<(String, String)>;

/// Returns the members of the baggage, and separately Sentry's, without their prefix.
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
            // Properties follow a semicolon. They are ignored.
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

/// Returns whether a byte is allowed in a key (RFC 7230, `token`).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Decodes percent-encoding; `None` if it is malformed or not UTF-8.
fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let hex = text.get(at + 1..at + 3)?;
            // `from_str_radix` also accepts a sign.
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

/// Formats a member, with characters that are not allowed in a value percent-encoded.
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

/// Returns the members of the incoming request.
pub(super) fn members(outgoing: &Outgoing<'_>) -> Vec<String> {
    let bag = outgoing
        .incoming
        .map_or(&[][..], |incoming| &incoming.baggage);
    bag.iter()
        .map(|(key, value)| member("", key, value))
        .collect()
}

/// Appends members to the header, except for keys that it already has, up to the size limit.
pub(super) fn append(headers: &mut HeaderMap, members: &[String]) {
    let present = headers.get_all("baggage").iter();
    let present: Vec<String> = present
        .filter_map(|v| Some(v.to_str().ok()?.to_owned()))
        .collect();
    let mut all = present.join(",");
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
