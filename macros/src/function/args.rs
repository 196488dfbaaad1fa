//! Tokens of an attribute, read as a list and nothing else.

use super::messages as say;
use crate::grammar::Errors;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::LitStr;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
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

/// Splits a list at its commas and reads each part; a part that cannot be read is a mistake of its own.
pub(crate) fn read(tokens: TokenStream, errors: &mut Errors) -> Vec<Arg> {
    let parts = split(tokens).into_iter();
    parts
        .filter_map(|part| errors.ok(arg.parse2(part)))
        .collect()
}

/// The parts between top-level commas. A comma within `<..>` of a path does not occur outside of groups but in closures'
/// and types' generics, so angle brackets are counted.
pub(crate) fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    let mut pipes = 0_usize;
    for token in tokens {
        match &token {
            // The parameters of a closure hold commas: `|a, b| ..`.
            TokenTree::Punct(punct) if punct.as_char() == '|' => pipes += 1,
            TokenTree::Punct(punct) if punct.as_char() == ',' && pipes.is_multiple_of(2) => {
                parts.push(TokenStream::new());
                pipes = 0;
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.extend([token]);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// A part by itself.
pub(crate) fn one(part: TokenStream) -> Option<Arg> {
    arg.parse2(part).ok()
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
    if input.peek(Token![=]) && !input.peek(Token![==]) {
        input.parse::<Token![=]>()?;
        return Ok(Arg::Value(key, input.parse()?));
    }
    if input.peek(token::Paren) {
        let content;
        syn::parenthesized!(content in input);
        let content = content.parse()?;
        if input.is_empty() {
            return Ok(Arg::List(key, content));
        }
    }
    input.parse::<TokenStream>()?;
    Ok(Arg::Other(all))
}

fn sigil(input: ParseStream) -> syn::Result<Arg> {
    let span = input.span();
    let debug = input.peek(Token![?]);
    input.parse::<TokenTree>()?;
    let mut path = Vec::new();
    while input.peek(Ident::peek_any) {
        path.push(input.call(Ident::parse_any)?);
        if input.parse::<Option<Token![.]>>()?.is_none() {
            break;
        }
    }
    if path.is_empty() || !input.is_empty() {
        input.parse::<TokenStream>()?;
        return Err(syn::Error::new(span, say::FIELD_SIGIL));
    }
    Ok(Arg::Sigil { debug, span, path })
}
