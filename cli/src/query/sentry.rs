//! Terms of Sentry's search language.

use instrumental_manifest::MatchOperator;

/// Returns a condition on a field: `field:["a","b"]`.
pub(crate) fn term(field: &str, is: MatchOperator, values: &[String]) -> String {
    let literals: Vec<_> = values
        .iter()
        .map(|value| value.replace('*', "\\*"))
        .collect();
    let list = || {
        let quoted: Vec<_> = literals.iter().map(|value| quote(value)).collect();
        quoted.join(",")
    };
    match is {
        MatchOperator::In => format!("{field}:[{}]", list()),
        MatchOperator::NotIn => format!("!{field}:[{}]", list()),
        MatchOperator::Prefix => {
            let begin: Vec<_> = literals.iter().map(|value| format!("{value}*")).collect();
            any(field, &begin)
        }
    }
}

/// Returns a condition that a field matches one of some patterns with `*`, which lists do not support.
pub(crate) fn any(field: &str, patterns: &[String]) -> String {
    let each = patterns
        .iter()
        .map(|pattern| format!("{field}:{}", quote(pattern)));
    let each: Vec<_> = each.collect();
    format!("({})", each.join(" OR "))
}

/// Returns a text in quotes.
pub(crate) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}
