//! Texts of limited length.

/// The longest prefix of at most `limit` bytes that ends at a character.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}
