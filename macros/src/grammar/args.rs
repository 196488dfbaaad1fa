//! Tokens of an attribute, read as a list and nothing else.

use super::errors::Errors;
use super::messages as say;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, LitStr, Pat};
use syn::{Token, token};

/// One argument of an attribute.
pub(crate) enum Arg {
    /// `word`
    Word(Ident),
    /// `%a.b` or `?a.b`
    Sigil {
        debug: bool,
        span: Span,
        path: Vec<Ident>,
    },
    /// `key = tokens`
    Value(Ident, TokenStream),
    /// `key(tokens)`
    List(Ident, TokenStream),
    /// `"text"`
    Text(LitStr),
    /// Anything else that begins with a path: an event's literal.
    Other(TokenStream),
}

/// Splits a list at its commas and parses each part; reports each part that does not parse.
pub(crate) fn read(tokens: TokenStream, errors: &mut Errors) -> Vec<Arg> {
    let parts = split(tokens).into_iter();
    parts
        .filter_map(|part| errors.ok(arg.parse2(part)))
        .collect()
}

/// Parses a list as `tracing::instrument` does, which needs no comma between options. Unknown input becomes `Other`.
pub(crate) fn read_loosely(tokens: TokenStream, errors: &mut Errors) -> Vec<Arg> {
    let all = |input: ParseStream<'_>| {
        let mut all = Vec::new();
        while !input.is_empty() {
            if input.parse::<Option<Token![,]>>()?.is_none() {
                all.push(loose(input)?);
            }
        }
        Ok(all)
    };
    errors.ok(all.parse2(tokens)).unwrap_or_default()
}

/// The parts between commas. The commas of `f::<A, B>()` and of `|a, b| ..` belong to a value.
pub(crate) fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let all = |input: ParseStream<'_>| {
        let mut parts = Vec::new();
        while !input.is_empty() {
            let part = part(input)?;
            if !part.is_empty() {
                parts.push(part);
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(parts)
    };
    // The parser accepts any token, so it cannot fail.
    all.parse2(tokens).unwrap_or_default()
}

/// Parses a single part.
pub(crate) fn one(part: TokenStream) -> Option<Arg> {
    arg.parse2(part).ok()
}

/// The tokens up to the comma that ends the part.
fn part(input: ParseStream) -> syn::Result<TokenStream> {
    let mut part = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        let before_value = is_assignment(input);
        part.extend([input.parse::<TokenTree>()?]);
        if before_value {
            part.extend(value(input, |next| {
                next.is_empty() || next.peek(Token![,])
            })?);
        }
    }
    Ok(part)
}

fn is_assignment(input: ParseStream) -> bool {
    input.peek(Token![=]) && !input.peek(Token![==]) && !input.peek(Token![=>])
}

/// The value after `=`: an expression or a pattern if the list can continue after it, else everything up to the comma.
fn value(input: ParseStream, ends: fn(ParseStream) -> bool) -> syn::Result<TokenStream> {
    let mut value = TokenStream::new();
    if input.peek(Token![%]) || input.peek(Token![?]) {
        value.extend([input.parse::<TokenTree>()?]);
    }
    let expr = input.fork();
    let pat = input.fork();
    let end = if expr.parse::<Expr>().is_ok() && ends(&expr) {
        Some(expr)
    } else if pat.call(Pat::parse_multi_with_leading_vert).is_ok() && ends(&pat) {
        Some(pat)
    } else {
        None
    };
    while !input.is_empty() {
        let is_over = match &end {
            Some(end) => input.cursor() == end.cursor(),
            None => input.peek(Token![,]),
        };
        if is_over {
            break;
        }
        value.extend([input.parse::<TokenTree>()?]);
    }
    Ok(value)
}

fn arg(input: ParseStream) -> syn::Result<Arg> {
    if input.peek(LitStr) {
        let text = input.parse()?;
        return if input.is_empty() {
            Ok(Arg::Text(text))
        } else {
            Err(input.error("expected `,`"))
        };
    }
    if input.peek(Token![%]) || input.peek(Token![?]) {
        return sigil(input);
    }
    if !input.peek(Ident::peek_any) {
        let span = input.span();
        input.parse::<TokenStream>()?;
        return Err(syn::Error::new(span, say::EXPECTED));
    }
    let all: TokenStream = input.fork().parse()?;
    let key = input.call(Ident::parse_any)?;
    if input.is_empty() {
        return Ok(Arg::Word(key));
    }
    if is_assignment(input) {
        input.parse::<Token![=]>()?;
        return Ok(Arg::Value(key, input.parse()?));
    }
    if input.peek(token::Paren) {
        let content = list(input)?;
        if input.is_empty() {
            return Ok(Arg::List(key, content));
        }
    }
    input.parse::<TokenStream>()?;
    Ok(Arg::Other(all))
}

/// An argument that need not be followed by a comma.
fn loose(input: ParseStream) -> syn::Result<Arg> {
    if input.peek(LitStr) {
        return Ok(Arg::Text(input.parse()?));
    }
    if !input.peek(Ident::peek_any) {
        return Ok(Arg::Other(part(input)?));
    }
    let ahead = input.fork();
    let key = ahead.call(Ident::parse_any)?;
    let is_word = ahead.is_empty()
        || ahead.peek(Token![,])
        || ahead.peek(LitStr)
        || ahead.peek(Ident::peek_any);
    if is_assignment(&ahead) {
        input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        return Ok(Arg::Value(key, value(input, |_| true)?));
    }
    if ahead.peek(token::Paren) {
        input.call(Ident::parse_any)?;
        return Ok(Arg::List(key, list(input)?));
    }
    if is_word {
        input.call(Ident::parse_any)?;
        return Ok(Arg::Word(key));
    }
    Ok(Arg::Other(part(input)?))
}

fn list(input: ParseStream) -> syn::Result<TokenStream> {
    let content;
    syn::parenthesized!(content in input);
    content.parse()
}

fn sigil(input: ParseStream) -> syn::Result<Arg> {
    let span = input.span();
    let debug = input.peek(Token![?]);
    input.parse::<TokenTree>()?;
    let path = path(input)?;
    if path.is_empty() || !input.is_empty() {
        input.parse::<TokenStream>()?;
        return Err(syn::Error::new(span, say::SIGIL));
    }
    Ok(Arg::Sigil { debug, span, path })
}

/// Words joined by dots; empty if the input starts with anything else.
pub(crate) fn path(input: ParseStream) -> syn::Result<Vec<Ident>> {
    let mut path = Vec::new();
    while input.peek(Ident::peek_any) {
        path.push(input.call(Ident::parse_any)?);
        if input.parse::<Option<Token![.]>>()?.is_none() {
            break;
        }
    }
    Ok(path)
}

/// The span of the first token.
pub(crate) fn first_span(tokens: &TokenStream) -> Option<Span> {
    let first = tokens.clone().into_iter().next();
    first.map(|token| token.span())
}

#[cfg(test)]
mod tests {
    use super::{Arg, read_loosely, split};
    use crate::grammar::errors::Errors;
    use proc_macro2::TokenStream;
    use quote::quote;

    fn parts(tokens: TokenStream) -> Vec<String> {
        let parts = split(tokens).into_iter();
        parts.map(|part| part.to_string()).collect()
    }

    #[test]
    fn commas_within_a_value_do_not_end_it() {
        for one in [
            quote!(x = f::<A, B>(1)),
            quote!(x = %f::<A, B>::C),
            quote!(error_if = |a, b| a < b),
            quote!(x = a | b),
            quote!(x = a || b),
            quote!(x = a < b),
            quote!(on = Ok(ref x)),
            quote!(on = A(1..) | B(x @ 2..=3)),
            quote!({ NAME } = 1),
        ] {
            let list = parts(quote!(first, #one, last = 2,));
            assert_eq!(list, ["first", &one.to_string(), "last = 2"]);
        }
        assert_eq!(parts(quote!(,,)), [""; 0]);
        assert_eq!(parts(quote!(x = , y = 1 +, z)), ["x =", "y = 1 +", "z"]);
    }

    #[test]
    fn options_of_instrument_need_no_commas() {
        let mut errors = Errors::default();
        let list =
            quote!("bare" level = Level::INFO skip(a) err, , x::y z, name = "n" ret(b) 5, %w);
        let read = read_loosely(list, &mut errors)
            .into_iter()
            .map(|arg| match arg {
                Arg::Word(word) => format!("word {word}"),
                Arg::Value(key, value) => format!("{key} is {value}"),
                Arg::List(key, list) => format!("{key} of {list}"),
                Arg::Text(text) => format!("text {}", text.value()),
                Arg::Sigil { .. } => "sigil".to_owned(),
                Arg::Other(tokens) => format!("other {tokens}"),
            });
        let expected = [
            "text bare",
            "level is Level :: INFO",
            "skip of a",
            "word err",
            "other x :: y z",
            "name is \"n\"",
            "ret of b",
            "other 5",
            "other % w",
        ];
        assert_eq!(read.collect::<Vec<_>>(), expected);
        assert!(errors.is_empty());
    }
}
