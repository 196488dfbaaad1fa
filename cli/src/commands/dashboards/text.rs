//! Texts of the manifest in places where dashboards expand templates or Markdown.

use crate::markdown;
use crate::text::is_harmful;

/// Returns a text on one line, without invisible characters and variables. Neither Grafana nor Datadog can escape `$name`,
/// `{{label}}` or `[[name]]`, so a space is inserted.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let visible = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c });
    for c in visible.filter(|c| !is_harmful(*c)) {
        let parts = match out.chars().next_back() {
            Some(' ') if c == ' ' => continue,
            Some('$') => c == '_' || c == '{' || c.is_alphanumeric(),
            Some('{') => c == '{',
            Some('[') => c == '[',
            _ => false,
        };
        if parts {
            out.push(' ');
        }
        out.push(c);
    }
    out.trim().to_owned()
}

/// Returns a text as Markdown that shows it unchanged, without links, images and HTML.
pub(super) fn markdown(text: &str) -> String {
    markdown::text(&plain(text))
}

/// Returns a name of lower case letters, digits and `-`, for files and ids.
pub(super) fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// Returns a hash that is the same on every machine and in every version (FNV-1a).
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Returns a unique id of at most 40 characters, the limit of Grafana. It includes a hash if the names do not fit or contain
/// other characters.
pub(super) fn uid(service: &str, dashboard: &str) -> String {
    let whole = format!("{}-{}", slug(service), slug(dashboard));
    if whole.len() <= 40 && slug(service) == service && slug(dashboard) == dashboard {
        return whole;
    }
    let hash = hash(&format!("{service}\0{dashboard}"));
    let mut start = whole;
    start.truncate(23);
    format!("{}-{hash:016x}", start.trim_matches('-'))
        .trim_start_matches('-')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_labels_are_not_expanded() {
        assert_eq!(
            plain("a $instance ${b} {{trade}} [[c]] $5"),
            "a $ instance $ {b} { {trade}} [ [c]] $ 5"
        );
        assert_eq!(plain("{{{{ x"), "{ { { { x");
        assert_eq!(plain(" a\n\r\tb\u{202e}\u{0}c "), "a bc");
        assert_eq!(plain("costs 5 $"), "costs 5 $");
    }

    #[test]
    fn markdown_shows_texts_unchanged() {
        assert_eq!(
            markdown("[a](http://b) <img>"),
            "\\[a\\]\\(http:\\//b\\) \\<img\\>"
        );
        assert_eq!(markdown("# x\n- y"), "\\# x - y");
        assert_eq!(markdown("1. x 2. y"), "1\\. x 2. y");
        assert_eq!(markdown("- www.x.y a@b"), "\\- www\\.x.y a\\@b");
        assert_eq!(
            markdown("Time from a job's posting."),
            "Time from a job's posting."
        );
    }

    #[test]
    fn ids_are_short_and_unique() {
        assert_eq!(uid("shop", "overview"), "shop-overview");
        let long = "a".repeat(60);
        let names = [
            uid("Shop", "a"),
            uid("shop", "A"),
            uid("shop", "a"),
            uid("", "a"),
            uid("ü", "a"),
            uid(&long, "a"),
            uid(&long, "b"),
        ];
        for (at, name) in names.iter().enumerate() {
            assert!(name.len() <= 40 && !name.is_empty(), "{name}");
            assert!(
                name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
                "{name}"
            );
            assert!(!names[..at].contains(name), "{name} twice");
        }
    }
}
