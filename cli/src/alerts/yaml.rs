//! Values as YAML, for Prometheus and Alertmanager.

use crate::query::promql::quoted;
use serde_json::Value;
use std::fmt::Write as _;

/// A mapping as a YAML file. Every text is in double quotes, so that nothing in it means anything.
pub(crate) fn text(comment: &str, value: &Value) -> String {
    let mut out = String::new();
    for line in comment.lines().filter(|line| !line.is_empty()) {
        let _ = writeln!(out, "# {line}");
    }
    block(&mut out, value, 0);
    out
}

fn block(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                indent(out, depth);
                out.push_str(&scalar(&Value::String(key.clone())));
                out.push(':');
                nested(out, value, depth + 1);
            }
        }
        Value::Array(list) => {
            for value in list {
                indent(out, depth);
                out.push('-');
                item(out, value, depth + 1);
            }
        }
        one => {
            indent(out, depth);
            let _ = writeln!(out, "{}", scalar(one));
        }
    }
}

/// What follows a key.
fn nested(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => out.push('\n'),
        Value::Array(list) if !list.is_empty() => out.push('\n'),
        one => {
            let _ = writeln!(out, " {}", scalar(one));
            return;
        }
    }
    block(out, value, depth);
}

/// What follows the dash of a list: a mapping begins beside it.
fn item(out: &mut String, value: &Value, depth: usize) {
    let mut text = String::new();
    block(&mut text, value, depth);
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push(' ');
            out.push_str(text.trim_start());
        }
        _ => nested(out, value, depth),
    }
}

fn indent(out: &mut String, depth: usize) {
    out.push_str(&"  ".repeat(depth));
}

/// A text, a number or an empty collection. Words that cannot be taken for anything else stand as they are.
fn scalar(value: &Value) -> String {
    let Value::String(text) = value else {
        return value.to_string();
    };
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let means = [
        "true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf",
    ];
    if plain && !means.contains(&text.to_ascii_lowercase().as_str()) {
        return text.clone();
    }
    // Readers refuse these in any other form.
    let is_refused = |c| {
        matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
    };
    quoted(text, |c| c.is_control() || is_refused(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn mappings_and_lists_are_nested() {
        let value = json!({
            "groups": [{"name": "a b", "rules": [{"alert": "A", "labels": {}}, {"alert": "no"}]}],
            "times": ["1h", "2"], "none": [], "n": 1.5, "deep": [[1, 2], []],
        });
        let expected = r#"# Why.
groups:
  - name: "a b"
    rules:
      - alert: A
        labels: {}
      - alert: "no"
times:
  - "1h"
  - "2"
none: []
"n": 1.5
deep:
  -
    - 1
    - 2
  - []
"#;
        assert_eq!(text("Why.", &value), expected);
    }

    #[test]
    fn hostile_texts_stay_texts() {
        for (given, expected) in [
            ("a: b # c", r#""a: b # c""#),
            (
                "x\"\\\n\u{7}\u{85}\u{2028}",
                r#""x\"\\\n\u0007\u0085\u2028""#,
            ),
            ("", r#""""#),
            ("- x", r#""- x""#),
            ("5m", r#""5m""#),
            ("Null", r#""Null""#),
        ] {
            assert_eq!(scalar(&Value::String(given.into())), expected);
        }
    }
}
