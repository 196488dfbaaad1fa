//! Variant names as label values.

/// Writes a variant's name in snake case: `HttpServer2` is `http_server2`.
///
/// A run of capitals is one word (`HTTPError` is `http_error`), digits stay
/// with the word before them (`Ipv4` is `ipv4`), and a single capital between
/// digits belongs to its acronym (`B2B` is `b2b`).
pub(crate) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, &c) in chars.iter().enumerate() {
        if c.is_uppercase() && starts_word(&chars, at) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Whether the capital at `at` begins a new word.
fn starts_word(chars: &[char], at: usize) -> bool {
    let Some(&before) = at.checked_sub(1).and_then(|i| chars.get(i)) else {
        return false;
    };
    let before_lower = chars.get(at + 1).is_some_and(|c| c.is_lowercase());
    if before == '_' {
        false
    } else if before.is_uppercase() {
        before_lower
    } else if before.is_numeric() {
        before_lower || !follows_acronym(chars, at)
    } else {
        true
    }
}

/// Whether the digits that end at `at` follow a capital, as in `B2B`.
fn follows_acronym(chars: &[char], at: usize) -> bool {
    chars[..at]
        .iter()
        .rev()
        .find(|c| !c.is_numeric())
        .is_some_and(|c| c.is_uppercase())
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn words_digits_and_acronyms() {
        for (name, value) in [
            ("Plumbing", "plumbing"),
            ("RoofRepair", "roof_repair"),
            ("HTTPError", "http_error"),
            ("IoError", "io_error"),
            ("IO", "io"),
            ("Http2", "http2"),
            ("Http2Stream", "http2_stream"),
            ("Ipv4", "ipv4"),
            ("S3Bucket", "s3_bucket"),
            ("B2B", "b2b"),
            ("B2BSales", "b2b_sales"),
            ("Utf8BOM", "utf8_bom"),
            ("I18N", "i18n"),
            ("Snake_Case", "snake_case"),
            ("Über", "über"),
            ("A", "a"),
            ("AB", "ab"),
            ("ABc", "a_bc"),
        ] {
            assert_eq!(snake_case(name), value, "{name}");
        }
    }
}
