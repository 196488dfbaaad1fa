//! Arguments that `on_failure(..)` reads and the body moves.
//!
//! The compiler rejects them with errors about closures and borrows of the expansion. If the tokens show that the body moves
//! an argument, the expansion requires its type to be `Copy`, and the error for a type that is not says what to write. In
//! doubtful cases the compiler's own error remains.

use super::on_failure;
use crate::traced::item::Function;
use crate::traced::mentions::collect;
use crate::traced::model::Model;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

/// Requires that moved arguments are `Copy`. The code is written before the body and never runs.
pub(crate) fn require_copy(function: &Function, model: &Model) -> TokenStream {
    let mut tokens = TokenStream::new();
    let Some(body) = &function.body else {
        return tokens;
    };
    if model.outlives {
        // The reader owns its values.
        return tokens;
    }
    let read = on_failure::read(model);
    for argument in function.arguments() {
        if !read.contains(&argument) {
            continue;
        }
        if let Some(at) = moved(&argument, body.stream()) {
            let private = model
                .krate
                .private(at.span().resolved_at(Span::mixed_site()));
            tokens.extend(
                quote_spanned!(at.span().resolved_at(Span::mixed_site())=> if false { #private::stays_after_the_body(&#at); }),
            );
        }
    }
    tokens
}

/// Where the body certainly moves the argument.
fn moved(argument: &Ident, body: TokenStream) -> Option<Ident> {
    let mut words = Vec::new();
    collect(body.clone(), &mut words);
    // The name may mean something else inside nested functions and conditional code.
    if words.iter().any(|word| word == "fn" || word == "cfg") || is_bound(argument, body.clone()) {
        return None;
    }
    in_calls(argument, body)
}

/// An argument of a call that consists of this word only: `take(argument)`, `x.take(1, argument)`.
fn in_calls(argument: &Ident, tokens: TokenStream) -> Option<Ident> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (n, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        let before = n.checked_sub(1).map(|n| &tokens[n]);
        if matches!(before, Some(TokenTree::Punct(mark)) if mark.as_char() == '!') {
            // A macro may take its argument by reference.
            continue;
        }
        let is_call = group.delimiter() == Delimiter::Parenthesis
            && matches!(before, Some(TokenTree::Ident(word)) if !is_keyword(word));
        if is_call {
            for part in crate::grammar::args::split(group.stream()) {
                let mut part = part.into_iter();
                if let (Some(TokenTree::Ident(word)), None) = (part.next(), part.next())
                    && word == *argument
                {
                    return Some(word);
                }
            }
        }
        if let Some(found) = in_calls(argument, group.stream()) {
            return Some(found);
        }
    }
    None
}

fn is_keyword(word: &Ident) -> bool {
    let words = [
        "if", "while", "match", "for", "in", "return", "break", "let", "else", "move", "loop",
        "as", "ref", "mut", "async", "await", "unsafe",
    ];
    words.iter().any(|keyword| word == keyword)
}

/// Whether the body may shadow the name: after `let` or `for`, between the pipes of a closure, before `=>`.
fn is_bound(name: &Ident, tokens: TokenStream) -> bool {
    let mut pattern = Vec::new();
    let (mut is_pattern, mut is_between_pipes) = (false, false);
    let mut before = ' ';
    for token in tokens {
        match &token {
            TokenTree::Ident(word) if word == "let" || word == "for" => {
                (is_pattern, pattern) = (true, Vec::new());
            }
            TokenTree::Ident(word) if word == "in" => {
                if pattern.contains(name) {
                    return true;
                }
                is_pattern = false;
            }
            TokenTree::Ident(word) => pattern.push(word.clone()),
            TokenTree::Group(group) => {
                if is_bound(name, group.stream()) {
                    return true;
                }
                collect(group.stream(), &mut pattern);
            }
            TokenTree::Punct(mark) => {
                let c = mark.as_char();
                match c {
                    '|' => is_between_pipes = true,
                    '>' if before == '=' && pattern.contains(name) => return true,
                    '=' if is_pattern && pattern.contains(name) => return true,
                    '=' => is_pattern = false,
                    ';' if is_pattern && pattern.contains(name) => return true,
                    ',' | ';' if !is_pattern && !is_between_pipes => pattern.clear(),
                    _ => {}
                }
                before = c;
            }
            TokenTree::Literal(_) => {}
        }
        if is_between_pipes && pattern.contains(name) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::moved;
    use proc_macro2::Span;

    #[test]
    fn only_certain_moves() {
        let name = syn::Ident::new("request", Span::call_site());
        for (body, is_moved) in [
            ("consume(request)", true),
            ("let x = a.b(1, request)?; x", true),
            ("if ready() { Some(request) } else { None }", true),
            ("match x { 1 => send::<u8>(request), _ => {} }", false),
            ("match x { 1 => send(request), _ => {} }", true),
            ("consume(&request)", false),
            ("consume(request.id)", false),
            ("println!(\"{}\", request)", false),
            ("if let Some(request) = x { consume(request) }", false),
            (
                "match x { Ok(Some(request)) => consume(request), _ => {} }",
                false,
            ),
            ("x.map(|request| consume(request))", false),
            ("for (n, request) in all { consume(request) }", false),
            ("let request = 1; consume(request)", false),
            ("fn f(request: u8) { consume(request) }", false),
            ("#[cfg(off)] consume(request)", false),
            ("if (request) { 1 }", false),
        ] {
            let tokens = body.parse().expect("tokens");
            assert_eq!(moved(&name, tokens).is_some(), is_moved, "{body}");
        }
    }
}
