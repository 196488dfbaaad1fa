//! Names and tags in Datadog's syntax (Datadog, "Getting started with tags"). The Agent splits lines at `,`, `|` and line
//! ends, and the protocol has no escape for them, so that a name or a tag that contained one could forge other metrics.

use crate::base::settings::Identity;
pub(super) use crate::base::text::datadog::name;
use crate::model::cut::cut;

/// Bytes of a tag; Datadog truncates longer ones.
const MAX_TAG: usize = 200;

/// Returns `key:value` in lower case. Characters other than letters, digits and `_-:./` become `_`.
pub(super) fn tag(key: &str, value: &str) -> String {
    let mut out = String::with_capacity(key.len() + value.len() + 1);
    let mut add = |text: &str, colon: bool| {
        for c in text.chars().flat_map(char::to_lowercase) {
            let allowed = c.is_alphanumeric() || "_-./".contains(c) || (c == ':' && colon);
            out.push(if allowed { c } else { '_' });
        }
    };
    add(key, false);
    add(":", true);
    add(value, true);
    let trimmed = out.trim_start_matches(|c: char| !c.is_alphabetic());
    let fits = cut(trimmed, MAX_TAG);
    fits.trim_end_matches([':', '_']).to_owned()
}

/// Returns the tags of everything that this process sends.
pub(super) fn constant(identity: &Identity) -> Vec<String> {
    let mut tags = vec![
        tag("service", &identity.service),
        tag("env", &identity.environment),
    ];
    tags.extend(
        identity
            .version
            .iter()
            .map(|version| tag("version", version)),
    );
    tags.extend(
        identity
            .attributes
            .iter()
            .map(|(key, value)| tag(key, value)),
    );
    tags.retain(|tag| !tag.is_empty());
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x17_names_and_tags_contain_no_separators() {
        for (given, expected) in [
            ("payment.released", "payment.released"),
            ("9a|b:c\nd#e,f", "a_b_c_d_e_f"),
            ("", "_"),
            ("ü.x", "x"),
        ] {
            assert_eq!(name(given), expected);
        }
        for (key, value, expected) in [
            ("trade", "Roofing", "trade:roofing"),
            (
                "user",
                "bob|c\nforged.revenue:999999|g|#env:prod",
                "user:bob_c_forged.revenue:999999_g__env:prod",
            ),
            ("a,b", "c,d", "a_b:c_d"),
            ("1x", "ü", "x:ü"),
            ("route", "/jobs/{id}", "route:/jobs/_id"),
            ("empty", "", "empty"),
        ] {
            assert_eq!(tag(key, value), expected);
        }
        assert!(tag("k", &"v".repeat(5000)).len() <= MAX_TAG);
    }
}
