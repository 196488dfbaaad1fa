//! The words of the grammar: which attribute knows them, and how they are written.

use super::args::Arg;
use super::messages as say;
use super::options::Kind;
use crate::grammar::{Errors, nearest};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;

/// How an option is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `key`
    Flag,
    /// `key = ..`, with what stands for `..` in the message.
    Value(&'static str),
    /// `key(..)`
    List(&'static str),
    /// `key` or `key(..)`
    FlagOrList(&'static str),
}

const T: u8 = 1;
const C: u8 = 2;
const E: u8 = 4;
const I: u8 = 8;

/// Every option: its word, who knows it, how it is written.
const WORDS: &[(&str, u8, Shape)] = &[
    ("name", T | I, Shape::Value("\"..\"")),
    ("level", T | I, Shape::Value("\"info\"")),
    ("target", T | I, Shape::Value("\"..\"")),
    ("kind", T | I, Shape::Value("server")),
    ("fields", T | I, Shape::List("name = value, ..")),
    ("on_failure", T | I, Shape::List("argument, ..")),
    ("args", T, Shape::Flag),
    ("skip", T | I, Shape::FlagOrList("argument, ..")),
    ("skip_all", I, Shape::Flag),
    ("slow", T | I, Shape::Value("\"1s\"")),
    ("objective", T | I, Shape::List("success = 99.9")),
    ("in_flight", T | I, Shape::Flag),
    ("metric", T | I, Shape::Value("catalog::metric(label)")),
    ("none", T | I, Shape::Value("\"error\"")),
    ("error_if", T | I, Shape::Value("|out| ..")),
    ("describe", T | C | I, Shape::Value("display")),
    ("owner", T | E | I, Shape::Value("\"..\"")),
    ("parent", I, Shape::Value("span")),
    ("follows_from", I, Shape::Value("spans")),
    ("err", I, Shape::FlagOrList("Debug")),
    ("ret", I, Shape::FlagOrList("Debug")),
    ("ignore", C, Shape::List("PATTERN")),
    ("on", E, Shape::Value("PATTERN")),
    ("allow_sensitive", T | E | I, Shape::Flag),
    ("crate", T | C | E | I, Shape::Value("path")),
];

/// An option as it was written.
pub(crate) struct Slot {
    pub(crate) key: Ident,
    /// What stands behind it; empty for a flag.
    pub(crate) tokens: TokenStream,
    pub(crate) list: bool,
}

fn bit(kind: Kind) -> u8 {
    match kind {
        Kind::Traced => T,
        Kind::CaptureErrors => C,
        Kind::BusinessEvent => E,
        Kind::Instrument => I,
    }
}

/// The words that an attribute knows.
fn known(kind: Kind) -> Vec<&'static str> {
    let knows = |(_, who, _): &&(&'static str, u8, Shape)| who & bit(kind) != 0;
    WORDS.iter().filter(knows).map(|(word, ..)| *word).collect()
}

fn shape(kind: Kind, word: &str) -> Option<Shape> {
    let is = |(known, who, _): &&(&str, u8, Shape)| *known == word && who & bit(kind) != 0;
    WORDS.iter().find(is).map(|(.., shape)| *shape)
}

/// Takes an argument as an option of this attribute. `Err`: it is none, but may be a field.
pub(crate) fn option(kind: Kind, arg: Arg, errors: &mut Errors) -> Result<Option<Slot>, Arg> {
    let (key, tokens, form) = match arg {
        Arg::Word(key) => (key, TokenStream::new(), Shape::Flag),
        Arg::Value(key, tokens) => (key, tokens, Shape::Value("")),
        Arg::List(key, tokens) => (key, tokens, Shape::List("")),
        // `tracing::instrument` takes a bare text as the name.
        Arg::Text(text) if kind == Kind::Instrument => {
            let key = Ident::new("name", text.span());
            (key, text.into_token_stream(), Shape::Value(""))
        }
        other => return Err(other),
    };
    let word = key.to_string();
    let Some(shape) = shape(kind, &word) else {
        let arg = match form {
            Shape::Value(_) => Arg::Value(key, tokens),
            Shape::List(_) => Arg::List(key, tokens),
            _ => Arg::Word(key),
        };
        // A bare word may name an argument, and in an event `name = value` is a field; `instrument` warns.
        if form == Shape::Flag || matches!(kind, Kind::BusinessEvent | Kind::Instrument) {
            return Err(arg);
        }
        let (span, message) = unknown(kind, &arg);
        errors.push(span, message);
        return Ok(None);
    };
    // A word that never stands alone names an argument when it does.
    if form == Shape::Flag
        && matches!(shape, Shape::Value(_) | Shape::List(_))
        && !matches!(kind, Kind::CaptureErrors | Kind::Instrument)
    {
        return Err(Arg::Word(key));
    }
    let list = matches!(form, Shape::List(_));
    let wrong = match (shape, form) {
        (Shape::Flag | Shape::FlagOrList(_), Shape::Flag) => None,
        (Shape::List(_) | Shape::FlagOrList(_), Shape::List(_)) => None,
        (Shape::Value(_), Shape::Value(_)) if !tokens.is_empty() => None,
        (Shape::Flag, _) => Some(say::takes_nothing(&word)),
        (Shape::Value(form), _) => Some(say::wants_value(&word, form)),
        (Shape::List(form) | Shape::FlagOrList(form), _) => Some(say::wants_list(&word, form)),
    };
    if let Some(wrong) = wrong {
        errors.push(key.span(), wrong);
        return Ok(None);
    }
    Ok(Some(Slot { key, tokens, list }))
}

/// What there is to say of an argument that this attribute does not know.
pub(crate) fn unknown(kind: Kind, arg: &Arg) -> (Span, String) {
    let key = match arg {
        Arg::Word(key) | Arg::Value(key, _) | Arg::List(key, _) => key,
        Arg::Text(text) => return (text.span(), say::OPTION.to_owned()),
        Arg::Sigil { span, .. } => return (*span, say::OPTION.to_owned()),
        Arg::Other(tokens) => {
            let first = tokens.clone().into_iter().next();
            let span = first.map_or_else(Span::call_site, |token| token.span());
            return (span, say::OPTION.to_owned());
        }
    };
    let word = key.to_string();
    let known = known(kind);
    let message = if kind == Kind::CaptureErrors && shape(Kind::Traced, &word).is_some() {
        say::of_traced(&word)
    } else {
        say::unknown(&word, nearest(&word, &known), &known)
    };
    (key.span(), message)
}

/// What to write for a word that is an option, where it stands as if it were an argument.
pub(crate) fn form(word: &str) -> Option<String> {
    let (_, _, shape) = WORDS.iter().find(|(known, ..)| *known == word)?;
    match shape {
        Shape::Value(form) => Some(say::wants_value(word, form)),
        Shape::List(form) | Shape::FlagOrList(form) => Some(say::wants_list(word, form)),
        Shape::Flag => None,
    }
}
