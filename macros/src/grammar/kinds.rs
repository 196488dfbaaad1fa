//! The kinds of option values that several attributes use.

use super::errors::Errors;
use super::messages as say;
use super::nearest::nearest;
use super::options::{Single, Written};
use super::unit::Unit;
use proc_macro2::{Span, TokenStream};
use syn::parse::Parser as _;
use syn::{LitInt, LitStr};

/// A bare word; its value is where it is written.
pub(crate) struct Flag;

impl Single for Flag {
    type Value = Span;

    fn read(written: Written, _: &mut Errors) -> Option<Span> {
        Some(written.key.span())
    }
}

/// A string literal.
pub(crate) struct Text;

impl Single for Text {
    type Value = LitStr;

    fn read(written: Written, errors: &mut Errors) -> Option<LitStr> {
        let text = syn::parse2(written.tokens.clone());
        if text.is_err() {
            let message = say::write_value(written.word, "\"..\"");
            errors.push(written.value_span(), message);
        }
        text.ok()
    }
}

/// An integer.
pub(crate) struct Number;

impl Single for Number {
    type Value = LitInt;

    fn read(written: Written, errors: &mut Errors) -> Option<LitInt> {
        let number = syn::parse2(written.tokens.clone());
        if number.is_err() {
            let message = say::write_value(written.word, "<number>");
            errors.push(written.value_span(), message);
        }
        number.ok()
    }
}

/// The path of a crate.
pub(crate) struct Path;

impl Single for Path {
    type Value = syn::Path;

    fn read(written: Written, errors: &mut Errors) -> Option<syn::Path> {
        let path = syn::Path::parse_mod_style.parse2(written.tokens.clone());
        if path.is_err() {
            let message = say::write_value(written.word, "some::path");
            errors.push(written.value_span(), message);
        }
        path.ok()
    }
}

/// Tokens that are written into the expansion as they are.
pub(crate) struct Tokens;

impl Single for Tokens {
    type Value = TokenStream;

    fn read(written: Written, _: &mut Errors) -> Option<TokenStream> {
        Some(written.tokens)
    }
}

/// A unit's word in a string.
pub(crate) struct UnitWord;

impl Single for UnitWord {
    type Value = Unit;

    fn read(written: Written, errors: &mut Errors) -> Option<Unit> {
        let text = Text::read(written, errors)?;
        unit(&text.value(), text.span(), errors)
    }
}

/// The unit that a word names; reports a word that names none.
pub(crate) fn unit(word: &str, span: Span, errors: &mut Errors) -> Option<Unit> {
    let unit = Unit::of_word(word, span);
    if unit.is_none() {
        let near = nearest(word, &Unit::WORDS);
        errors.push(span, say::unknown_unit(word, near, &Unit::WORDS));
    }
    unit
}
