//! Terms of Sentry's search language.

use instrumental_manifest::MatchOperator;

/// What a field has to be: `field:["a","b"]`.
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

/// One of some patterns, in which a star stands for anything: a list takes none.
pub(crate) fn any(field: &str, patterns: &[String]) -> String {
    let each = patterns
        .iter()
        .map(|pattern| format!("{field}:{}", quote(pattern)));
    let each: Vec<_> = each.collect();
    format!("({})", each.join(" OR "))
}

/// A text that ends where it ends.
pub(crate) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}
