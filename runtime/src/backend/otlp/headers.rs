//! The headers of requests.

use crate::base::settings::ConfigErrors;
use std::fmt;

/// Header names and values. `Debug` does not show the values, which may be keys.
#[derive(Clone, Default)]
pub(super) struct Headers(pub(super) Vec<(String, String)>);

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| (name, "…"));
        f.debug_map().entries(names).finish()
    }
}

/// Parses `name=value` pairs, separated by commas (OTLP exporter specification: values are encoded as in W3C Baggage).
pub(super) fn parse(variable: &'static str, text: &str, errors: &mut ConfigErrors) -> Headers {
    let mut headers = Headers::default();
    for pair in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        match pair.split_once('=') {
            Some((name, value)) => {
                let header = (name.trim().to_owned(), percent_decode(value.trim()));
                headers.0.push(header);
            }
            // The value may be a key, so the message does not contain it.
            None => errors.value(variable, "…", "`name=value`, separated by commas"),
        }
    }
    validate(variable, &headers, errors);
    headers
}

/// Adds an error for each header that cannot be sent.
pub(super) fn validate(variable: &'static str, headers: &Headers, errors: &mut ConfigErrors) {
    const EXPECTED: &str = "header names and values without control characters";
    for (name, value) in &headers.0 {
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if !is_name || value.chars().any(char::is_control) {
            errors.value(variable, name.as_str(), EXPECTED);
        }
    }
}

/// Decodes percent-encoding. Returns the text unchanged if the result is not UTF-8.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
