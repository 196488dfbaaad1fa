//! Escaping of untrusted text for terminals and log lines, so that it cannot forge lines or colours.

use crate::model::fields::{FieldValue, Fields};
use std::fmt::Write;

/// Returns whether a character could end a line, move the cursor, change a colour or reverse the direction of writing.
pub(crate) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes a text, escaped onto one line.
pub(crate) fn text(out: &mut String, text: &str) {
    for c in text.chars() {
        push(out, c);
    }
}

fn push(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Into a String: cannot fail.
        c if is_harmful(c) => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
        c => out.push(c),
    }
}

/// Writes a value: unquoted if it is a single word, else quoted.
pub(crate) fn value(out: &mut String, value: FieldValue<'_>) {
    match value {
        FieldValue::Str(text) => word(out, text),
        number => drop(write!(out, "{number}")),
    }
}

/// Writes a text: unquoted if it is a single word, else quoted.
pub(crate) fn word(out: &mut String, word: &str) {
    let is_plain = |c: char| !c.is_whitespace() && !is_harmful(c) && !"\"=\\".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return out.push_str(word);
    }
    out.push('"');
    for c in word.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        push(out, c);
    }
    out.push('"');
}

/// Prefixes of HTTP fields (OpenTelemetry semantic conventions) that repeat the span's name or are rarely of interest.
const UNSHOWN: [&str; 7] = [
    "otel.",
    "http.re",
    "http.route",
    "url.",
    "server.",
    "network.",
    "user_agent.",
];

/// Writes ` name=value` for each field, except those that only repeat the span's name.
pub(crate) fn fields(out: &mut String, fields: &Fields) {
    for (name, field) in fields.latest() {
        let status = name == "http.response.status_code" || name == "http.status_code";
        if !status && UNSHOWN.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        out.push(' ');
        text(out, name);
        out.push('=');
        value(out, field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(word: &str) -> String {
        let mut out = String::new();
        value(&mut out, FieldValue::Str(word));
        out
    }

    #[test]
    fn a_word_is_plain_and_the_rest_is_quoted() {
        assert_eq!(written("roofing"), "roofing");
        assert_eq!(written(""), r#""""#);
        assert_eq!(written("two words"), r#""two words""#);
        assert_eq!(written("a=b"), r#""a=b""#);
        assert_eq!(written(r#"say "x\n""#), r#""say \"x\\n\"""#);
    }

    #[test]
    fn nothing_forges_a_line_or_a_colour() {
        let hostile = "a\nERROR forged\r\u{1b}[31mred\u{7f}\u{85}\u{0}\u{2028}\u{2029}\u{202e}txt.exe\u{2066}";
        for written in [written(hostile), {
            let mut out = String::new();
            text(&mut out, hostile);
            out
        }] {
            assert!(!written.chars().any(is_harmful), "{written:?}");
            assert!(
                written.contains("\\nERROR forged\\r\\u{1b}[31mred"),
                "{written}"
            );
        }
    }
}
