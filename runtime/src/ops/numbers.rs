//! Formats numbers for the summary.

use crate::base::text::time;

/// Formats a whole number with separators between thousands.
pub(super) fn whole(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Formats a value with its unit, a UCUM code.
pub(super) fn amount(value: f64, unit: &str) -> String {
    if unit == "s" {
        return time::seconds(value);
    }
    let number = number(value);
    match unit.trim_matches(['{', '}']) {
        "" | "1" | "item" => number,
        "%" => format!("{number}%"),
        "By" => format!("{number} B"),
        unit => format!("{number} {unit}"),
    }
}

/// Formats a number with at most two decimals, or in scientific notation if it is very small or large.
fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(0.01..1e15).contains(&size) {
        return format!("{value:.3e}");
    }
    // Below 1e15, an `f64` holds hundredths closely enough.
    let cents = (size * 100.0).round() as u64;
    let sign = if value < 0.0 { "-" } else { "" };
    match cents % 100 {
        0 => format!("{sign}{}", whole(cents / 100)),
        part => format!("{sign}{}.{part:02}", whole(cents / 100)),
    }
}
