//! A JSON writer without dependencies.

use std::fmt::Write as _;

/// A value that writes itself as JSON.
pub(crate) trait ToJson {
    /// Appends the value.
    fn write(&self, out: &mut String);
}

/// A record, which can also write its members into an object that surrounds it.
pub(crate) trait Members {
    /// Appends the members, each followed by a comma.
    fn members(&self, out: &mut String);
}

/// Appends an object whose members are written by `members`, each followed by a comma.
pub(crate) fn object(out: &mut String, members: impl FnOnce(&mut String)) {
    out.push('{');
    members(out);
    if out.ends_with(',') {
        out.pop();
    }
    out.push('}');
}

/// Appends one member, followed by a comma.
pub(crate) fn member(out: &mut String, key: &str, value: &impl ToJson) {
    string(out, key);
    out.push(':');
    value.write(out);
    out.push(',');
}

impl ToJson for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl ToJson for u32 {
    fn write(&self, out: &mut String) {
        // Writing to a `String` cannot fail.
        let _ = write!(out, "{self}");
    }
}

impl ToJson for u64 {
    fn write(&self, out: &mut String) {
        let _ = write!(out, "{self}");
    }
}

impl ToJson for f64 {
    fn write(&self, out: &mut String) {
        // JSON has no other numbers.
        let number = if self.is_finite() { *self } else { 0.0 };
        let _ = write!(out, "{number}");
    }
}

impl ToJson for String {
    fn write(&self, out: &mut String) {
        string(out, self);
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn write(&self, out: &mut String) {
        out.push('[');
        for (n, item) in self.iter().enumerate() {
            if n > 0 {
                out.push(',');
            }
            item.write(out);
        }
        out.push(']');
    }
}

/// Appends a string in quotes. Characters that could harm a terminal are escaped, which readers of JSON undo.
pub fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_harmful(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Whether a character could end a line, move a terminal's cursor or change the direction of text.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        let mut out = String::new();
        string(
            &mut out,
            "a\"b\\c\n\r\t\u{0}\u{1b}\u{7f}\u{85}\u{2028}\u{202e}\u{e0041}ü",
        );
        assert_eq!(
            out,
            r#""a\"b\\c\n\r\t\u0000\u001b\u007f\u0085\u2028\u202e\udb40\udc41ü""#
        );
    }

    #[test]
    fn numbers_that_json_does_not_have_are_zero() {
        let mut out = String::new();
        vec![1.5, f64::NAN, f64::INFINITY, 1e21].write(&mut out);
        assert_eq!(out, "[1.5,0,0,1000000000000000000000]");
    }
}
