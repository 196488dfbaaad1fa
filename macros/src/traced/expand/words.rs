//! The words of tokens, where they say enough: a body is never parsed.

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};
use std::collections::HashSet;

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

/// The words that may be taken apart: a field of them may be moved (`job.id`, and not `&job.id`, `job.ids[0]`,
/// `job.id += 1` or `job.run()`), they are matched with a pattern, or given a new value, which may borrow from the old one.
pub(crate) fn taken_apart(tokens: &TokenStream) -> HashSet<String> {
    let mut all = HashSet::new();
    collect_apart(tokens.clone(), &mut all);
    all
}

fn collect_apart(tokens: TokenStream, all: &mut HashSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => collect_apart(group.stream(), all),
            TokenTree::Ident(word) => {
                let (before, behind) = (&tokens[..at], &tokens[at + 1..]);
                if begins_match(before)
                    || is_assignment(behind)
                    || (!is_borrowed(before) && moves_field(behind))
                {
                    all.insert(word.to_string());
                }
            }
            _ => {}
        }
    }
}

fn begins_match(before: &[TokenTree]) -> bool {
    match before.last() {
        Some(TokenTree::Punct(punct)) => {
            let is_comparison = matches!(before, [.., TokenTree::Punct(first), _]
                if "=!<>".contains(first.as_char()) && first.spacing() == Spacing::Joint);
            punct.as_char() == '=' && !is_comparison
        }
        Some(TokenTree::Ident(word)) => word == "match",
        _ => false,
    }
}

/// Whether `=` comes next, and nothing that makes another operator of it.
fn is_assignment(behind: &[TokenTree]) -> bool {
    match behind.first() {
        Some(TokenTree::Punct(punct)) => {
            let ends = punct.spacing() == Spacing::Alone
                || !matches!(behind.get(1), Some(TokenTree::Punct(next)) if "=>".contains(next.as_char()));
            punct.as_char() == '=' && ends
        }
        _ => false,
    }
}

/// Whether `&` or `&mut` stands before.
fn is_borrowed(before: &[TokenTree]) -> bool {
    let before = match before {
        [rest @ .., TokenTree::Ident(word)] if word == "mut" => rest,
        before => before,
    };
    matches!(before.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '&')
}

/// Whether `.field` or `.0` comes next, and what is behind it leaves the field where it is.
fn moves_field(behind: &[TokenTree]) -> bool {
    let [
        TokenTree::Punct(dot),
        TokenTree::Ident(_) | TokenTree::Literal(_),
        rest @ ..,
    ] = behind
    else {
        return false;
    };
    dot.as_char() == '.'
        && match rest {
            // A call of the argument's: `.run(1)`, `.get::<u8>()`. It may move all of it, and no part.
            [TokenTree::Group(_), ..] => false,
            [TokenTree::Punct(first), TokenTree::Ident(method), ..] if first.as_char() == '.' => {
                !borrows(&method.to_string())
            }
            [TokenTree::Punct(first), rest @ ..] => !is_kept(first, rest),
            _ => true,
        }
}

/// Whether an operator behind a field leaves it where it is: assignment, comparison, and the path of a call.
fn is_kept(first: &Punct, rest: &[TokenTree]) -> bool {
    let second = match rest.first() {
        Some(TokenTree::Punct(second)) if first.spacing() == Spacing::Joint => second.as_char(),
        _ => ' ',
    };
    matches!(
        (first.as_char(), second),
        (':', ':') | ('=', '=') | ('<' | '>', '=' | ' ')
    ) || (second == '=' && "!+-*/%^&|".contains(first.as_char()))
}

/// Methods that take `self` by reference, by the conventions of the standard library.
fn borrows(method: &str) -> bool {
    let begins = [
        "as_", "is_", "to_", "iter", "len", "get", "first", "last", "contains",
    ];
    begins.iter().any(|begin| method.starts_with(begin)) || method == "clone"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_may_be_taken_apart() {
        for (body, apart) in [
            ("drop(a.left);", true),
            ("Ok(Config { name: a.name })", true),
            ("let (x, _) = a;", true),
            ("match a { _ => {} }", true),
            ("let name = a.name;", true),
            ("a.name.into_bytes()", true),
            ("a.name + \"x\"", true),
            ("use_it(&a.name)", false),
            ("use_it(&mut a.name)", false),
            ("a.bytes[3] == 4", false),
            ("a.bytes.len()", false),
            ("a.committed = true;", true),
            ("a = next(&mut a);", true),
            ("a.n += 1;", false),
            ("if a.n == 3 {}", false),
            ("if x == a {}", false),
            ("a.run(1)", false),
            ("a.get::<u8>()", false),
        ] {
            let tokens = body.parse().expect("tokens");
            assert_eq!(taken_apart(&tokens).contains("a"), apart, "{body}");
        }
    }
}
