//! The words of tokens, where they say enough: a body is never parsed.

use proc_macro2::token_stream::IntoIter;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::HashSet;
use std::iter::Peekable;

/// The words of tokens, and the names that format strings capture.
pub(crate) fn words(tokens: &TokenStream) -> HashSet<String> {
    let mut all = HashSet::new();
    collect(tokens.clone(), &mut all);
    all
}

fn collect(tokens: TokenStream, all: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => drop(all.insert(word.to_string())),
            TokenTree::Group(group) => collect(group.stream(), all),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                for after in text.split('{').skip(1) {
                    let end = after.find(|c: char| c != '_' && !c.is_alphanumeric());
                    all.insert(after[..end.unwrap_or(after.len())].to_owned());
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// The words that may be taken apart: a field of them is named (`job.id`, `pair.0`, and not `job.run()`), or they are
/// matched with a pattern.
pub(crate) fn taken_apart(tokens: &TokenStream) -> HashSet<String> {
    let mut all = HashSet::new();
    collect_apart(tokens.clone(), &mut all);
    all
}

fn collect_apart(tokens: TokenStream, all: &mut HashSet<String>) {
    let mut is_matched = false;
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let was_matched = std::mem::replace(&mut is_matched, begins_match(&token));
        match token {
            TokenTree::Group(group) => collect_apart(group.stream(), all),
            TokenTree::Ident(word) => {
                let has_field = has_field(&mut rest);
                if was_matched || has_field {
                    all.insert(word.to_string());
                }
            }
            _ => {}
        }
    }
}

fn begins_match(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == '=',
        TokenTree::Ident(word) => word == "match",
        _ => false,
    }
}

/// Whether `.field` or `.0` comes next; a call (`.run(1)`, `.get::<u8>()`) does not count.
fn has_field(rest: &mut Peekable<IntoIter>) -> bool {
    let is_dot = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == '.');
    if rest.next_if(is_dot).is_none() {
        return false;
    }
    let is_name = |token: &TokenTree| matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
    rest.next_if(is_name).is_some()
        && match rest.peek() {
            Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Bracket,
            Some(TokenTree::Punct(punct)) => punct.as_char() != ':',
            _ => true,
        }
}
