//! What the tokens of a body certainly do with a variable. The body itself is never parsed.

use proc_macro2::{Delimiter, Punct, Spacing, TokenStream, TokenTree};
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

/// The variables of which a part may be moved: a field is read (`job.id`, but not `&job.id`, `job.ids[0]`, `job.id += 1` or
/// `job.run()`), a pattern matches them, or they get a new value, which may borrow from the old one.
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

/// Whether `=` follows, and not another operator that begins with it.
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

/// Whether `&` or `&mut` precedes.
fn is_borrowed(before: &[TokenTree]) -> bool {
    let before = match before {
        [rest @ .., TokenTree::Ident(word)] if word == "mut" => rest,
        before => before,
    };
    matches!(before.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '&')
}

/// Whether `.field` or `.0` follows, and the tokens after it may move the field.
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
            // A method call, `.run(1)` or `.get::<u8>()`, may move all of the variable, but not a part.
            [TokenTree::Group(_), ..] => false,
            [TokenTree::Punct(first), TokenTree::Ident(method), ..] if first.as_char() == '.' => {
                !borrows(&method.to_string())
            }
            [TokenTree::Punct(first), rest @ ..] => !is_kept(first, rest),
            _ => true,
        }
}

/// Whether the operator after a field does not move it: an assignment, a comparison, or the path of a call.
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

/// Macros of the standard library that borrow their arguments.
const FORMATTING: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "panic",
    "print",
    "println",
    "todo",
    "unimplemented",
    "unreachable",
    "write",
    "writeln",
];

/// The variables that may be moved, in whole or in part. Those certainly not moved are borrowed (`&job`), compared, indexed,
/// formatted by a known macro, or the receiver of a method that by convention borrows it. Everything that a `move` closure or
/// an unknown macro mentions may be moved.
pub(crate) fn may_be_moved(tokens: &TokenStream) -> HashSet<String> {
    let mentioned = words(tokens);
    if mentioned.contains("move") {
        return mentioned;
    }
    let mut all = HashSet::new();
    collect_moved(tokens.clone(), false, &mut all);
    all
}

fn collect_moved(tokens: TokenStream, is_formatted: bool, all: &mut HashSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let (before, behind) = (&tokens[..at], &tokens[at + 1..]);
        match token {
            TokenTree::Group(group) => match called_macro(before) {
                Some(name) if FORMATTING.contains(&name.as_str()) => {
                    collect_moved(group.stream(), true, all);
                }
                Some(name) if name != "vec" && name != "matches" => collect(group.stream(), all),
                _ => collect_moved(group.stream(), false, all),
            },
            TokenTree::Ident(word) => {
                let stays = (is_formatted && is_between_commas(before, behind))
                    || is_member(before)
                    || stays(before, behind);
                if !stays {
                    all.insert(word.to_string());
                }
            }
            _ => {}
        }
    }
}

/// The name of the macro whose arguments follow, if `name!` precedes.
fn called_macro(before: &[TokenTree]) -> Option<String> {
    match before {
        [.., TokenTree::Ident(name), TokenTree::Punct(bang)] if bang.as_char() == '!' => {
            Some(name.to_string())
        }
        _ => None,
    }
}

fn is_between_commas(before: &[TokenTree], behind: &[TokenTree]) -> bool {
    let is = |token: Option<&TokenTree>, ends: &str| match token {
        None => true,
        Some(TokenTree::Punct(punct)) => ends.contains(punct.as_char()),
        _ => false,
    };
    is(before.last(), ",=") && is(behind.first(), ",")
}

/// Whether `.` precedes, and not `..`.
fn is_member(before: &[TokenTree]) -> bool {
    match before {
        [.., TokenTree::Punct(first), TokenTree::Punct(second)] => {
            second.as_char() == '.'
                && !(first.as_char() == '.' && first.spacing() == Spacing::Joint)
        }
        [.., TokenTree::Punct(dot)] => dot.as_char() == '.',
        _ => false,
    }
}

/// Whether the variable between these tokens is certainly not moved.
fn stays(before: &[TokenTree], behind: &[TokenTree]) -> bool {
    let [TokenTree::Punct(first), rest @ ..] = behind else {
        let is_indexed = matches!(behind, [TokenTree::Group(group), ..]
            if group.delimiter() == Delimiter::Bracket);
        return is_indexed || is_reference(before);
    };
    if first.as_char() != '.' {
        return is_reference(before) || is_kept(first, rest);
    }
    match rest {
        [TokenTree::Ident(method), TokenTree::Group(_), ..] => {
            let method = method.to_string();
            ["as_", "contains", "get", "has_", "is_", "iter", "to_"]
                .iter()
                .any(|begin| method.starts_with(begin))
                || ["clone", "first", "len"].contains(&method.as_str())
        }
        [TokenTree::Ident(_) | TokenTree::Literal(_), after @ ..] => {
            let is_mutably = matches!(before.last(), Some(TokenTree::Ident(word)) if word == "mut");
            let is_last =
                !matches!(after.first(), Some(TokenTree::Punct(dot)) if dot.as_char() == '.');
            // A mutable borrow of a field may outlive the argument.
            !is_mutably && (!moves_field(behind) || (is_last && is_reference(before)))
        }
        _ => false,
    }
}

/// Whether `&` or `&mut` precedes, and is not a binary operator.
fn is_reference(before: &[TokenTree]) -> bool {
    let before = match before {
        [rest @ .., TokenTree::Ident(word)] if word == "mut" => rest,
        before => before,
    };
    let [operands @ .., TokenTree::Punct(and)] = before else {
        return false;
    };
    let is_binary = match operands.last() {
        Some(TokenTree::Ident(word)) => {
            word != "return" && word != "in" && word != "match" && word != "if"
        }
        Some(TokenTree::Group(group)) => group.delimiter() != Delimiter::Brace,
        Some(TokenTree::Literal(_)) => true,
        _ => false,
    };
    and.as_char() == '&' && !is_binary
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

    #[test]
    fn arguments_that_may_be_moved() {
        for (body, moved) in [
            ("drop(a)", true),
            ("a", true),
            ("a.run()", true),
            ("a.into_bytes()", true),
            ("let b = a;", true),
            ("S { a }", true),
            ("x & a", true),
            ("a = b;", true),
            ("a.name", true),
            ("&mut a.name", true),
            ("0..a", true),
            ("spawn(move || a.len())", true),
            ("my!(&a)", true),
            ("vec![a]", true),
            ("println!(\"{}\", take(a))", true),
            ("&a.into_bytes()", true),
            ("take(&a)", false),
            ("take(&mut a)", false),
            ("take(&a.name)", false),
            ("a.len() + 1", false),
            ("a.is_empty()", false),
            ("a == b", false),
            ("a[1]", false),
            ("a.names.len()", false),
            ("println!(\"{a} {} {}\", a, a.len())", false),
            ("b.a", false),
        ] {
            let tokens = body.parse().expect("tokens");
            assert_eq!(may_be_moved(&tokens).contains("a"), moved, "{body}");
        }
    }
}
