//! Checks of names: every backend must accept them unchanged.

use super::errors::Errors;
use super::messages as say;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;

/// The longest name that Datadog accepts.
const LONGEST: usize = 200;

/// Suffixes that exporters append.
const SUFFIXES: [&str; 6] = ["total", "sum", "count", "bucket", "created", "info"];

/// Labels that backends or the runtime add.
const RESERVED_LABELS: [&str; 8] = [
    "le", "quantile", "job", "instance", "outcome", "function", "module", "error",
];

/// Checks a whole metric or event name.
pub(crate) fn signal(name: &str, span: Span, errors: &mut Errors) {
    let first = prefix(name, span, errors);
    if !first {
        return;
    }
    suffix(name, span, errors);
    length(name, span, errors);
}

/// Checks the first part of a name; false if it is invalid.
pub(crate) fn prefix(name: &str, span: Span, errors: &mut Errors) -> bool {
    let right = name.split('.').all(is_word);
    if !right {
        errors.push(span, say::name_spelling(name));
    }
    right
}

/// Checks that the name does not end in a suffix that exporters append.
pub(crate) fn suffix(name: &str, span: Span, errors: &mut Errors) {
    let last = name.rsplit(['.', '_']).next().unwrap_or(name);
    if SUFFIXES.contains(&last) {
        errors.push(span, say::name_suffix(name, last));
    }
}

/// Checks the length of the whole name.
pub(crate) fn length(name: &str, span: Span, errors: &mut Errors) {
    if name.len() > LONGEST {
        errors.push(span, say::name_length(name.len(), LONGEST));
    }
}

/// Checks the key of a label.
pub(crate) fn label(key: &str, span: Span, errors: &mut Errors) {
    if key.starts_with("__") {
        errors.push(span, say::label_internal(key));
    } else if !is_word(key) {
        errors.push(span, say::label_spelling(key));
    } else if RESERVED_LABELS.contains(&key) {
        errors.push(span, say::label_reserved(key));
    }
}

/// An identifier as text, without its `r#`.
pub(crate) fn unraw(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Lowercase letters, digits and underscores, starting with a letter.
fn is_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Words that mark the name of a secret.
const SENSITIVE: [&str; 17] = [
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "authorization",
    "jwt",
    "bearer",
    "credential",
    "credentials",
    "private_key",
    "ssn",
    "card_number",
    "cvv",
    "session_id",
];

/// The word that makes `name` look like a secret. Only whole snake-case words count.
pub(crate) fn sensitive(name: &str) -> Option<&'static str> {
    let name = format!("_{}_", name.to_lowercase());
    SENSITIVE
        .into_iter()
        .find(|word| name.contains(&format!("_{word}_")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(check: impl FnOnce(&mut Errors)) -> Vec<String> {
        let mut errors = Errors::default();
        check(&mut errors);
        errors.messages()
    }

    #[test]
    fn names_are_lowercase_dotted_words() {
        for right in ["bids", "bids.submitted", "a.b_c.d2"] {
            assert!(
                said(|e| signal(right, Span::call_site(), e)).is_empty(),
                "{right}"
            );
        }
        for wrong in [
            "", "Bids", "bids.", ".bids", "bids..x", "bids-x", "2bids", "bids._x", "bïds",
        ] {
            assert_eq!(
                said(|e| signal(wrong, Span::call_site(), e)).len(),
                1,
                "{wrong}"
            );
        }
    }

    #[test]
    fn suffixes_of_exporters_are_refused() {
        for wrong in [
            "bids_total",
            "bids.total",
            "bids.x_bucket",
            "count",
            "a.info",
        ] {
            assert_eq!(
                said(|e| signal(wrong, Span::call_site(), e)).len(),
                1,
                "{wrong}"
            );
        }
        for right in ["total_bids", "discount", "bids.totals"] {
            assert!(
                said(|e| signal(right, Span::call_site(), e)).is_empty(),
                "{right}"
            );
        }
    }

    #[test]
    fn long_names_are_refused() {
        assert!(said(|e| signal(&"a".repeat(200), Span::call_site(), e)).is_empty());
        assert_eq!(
            said(|e| signal(&"a".repeat(201), Span::call_site(), e)).len(),
            1
        );
    }

    #[test]
    fn labels_of_others_are_refused() {
        for wrong in ["le", "outcome", "__name", "Trade", "trade-x"] {
            assert_eq!(
                said(|e| label(wrong, Span::call_site(), e)).len(),
                1,
                "{wrong}"
            );
        }
        assert!(said(|e| label("trade", Span::call_site(), e)).is_empty());
    }

    #[test]
    fn secrets_are_known_by_whole_words() {
        assert_eq!(sensitive("password"), Some("password"));
        assert_eq!(sensitive("user_api_key"), Some("api_key"));
        assert_eq!(sensitive("tokens_used"), None);
        assert_eq!(sensitive("secretary"), None);
    }
}
