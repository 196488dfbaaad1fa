//! Names for Prometheus (OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility").

use crate::model::family::MetricKind;

/// Returns a valid metric name: runs of invalid characters become one `_`; the unit's suffix and `_total` are appended.
pub(crate) fn metric(name: &str, unit_word: &str, kind: MetricKind) -> String {
    let mut out = String::with_capacity(name.len() + 16);
    for c in name.chars() {
        let c = if c.is_ascii_alphanumeric() || c == ':' {
            c
        } else {
            '_'
        };
        if c != '_' || !out.ends_with('_') {
            out.push(c);
        }
    }
    let trimmed = out.trim_end_matches('_').len();
    out.truncate(trimmed);
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    let word = format!("_{unit_word}");
    if !unit_word.is_empty() && !out.ends_with(&word) {
        out.push_str(&word);
    }
    if kind == MetricKind::Counter && !out.ends_with("_total") {
        out.push_str("_total");
    }
    out
}

/// Returns a valid label name. Reserved names get the prefix `exported_`, which Prometheus itself adds to labels of a scrape
/// that clash with its own.
pub(crate) fn label(name: &str) -> String {
    let mut out: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let reserved = matches!(out.as_str(), "le" | "quantile" | "job" | "instance");
    if reserved || out.starts_with("__") {
        out.insert_str(0, "exported_");
    } else if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// Escapes a label value or a help text. The exposition formats allow only these escapes, and they are reversible.
pub(crate) fn escape(out: &mut String, text: &str, quotes: bool) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            c => out.push(c),
        }
    }
}
