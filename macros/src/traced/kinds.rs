//! The kinds of option values that only the attributes of functions have.

use super::fields::{self, Field};
use crate::grammar::Errors;
use crate::grammar::args::{self, Arg, first_span};
use crate::grammar::format::Format;
use crate::grammar::kinds::Text;
use crate::grammar::messages as say;
use crate::grammar::options::{Inherit, Kind, Single, Written};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Lit, LitStr};

/// `"250ms"`; the value is in nanoseconds.
pub(crate) struct Duration;

impl Single for Duration {
    type Value = u64;

    fn read(written: Written, errors: &mut Errors) -> Option<u64> {
        let text = Text::read(written, errors)?;
        let nanos = nanos(&text.value());
        if nanos.is_none() {
            errors.push(text.span(), say::DURATION);
        }
        nanos
    }
}

fn nanos(text: &str) -> Option<u64> {
    let split = text.find(|c: char| c != '.' && !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let scale = match unit.trim() {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" | "min" => 60e9,
        "h" => 3600e9,
        _ => return None,
    };
    let nanos = number.parse::<f64>().ok()? * scale;
    (nanos >= 1.0 && nanos < u64::MAX as f64).then_some(nanos.round() as u64)
}

/// The level of a span or event.
#[derive(Clone)]
pub(crate) enum Level {
    /// A constant of `tracing::Level`, and where it is given.
    Constant(&'static str, Span),
    /// A constant of the user's.
    Path(syn::Path),
}

impl Level {
    /// The level as an expression.
    pub(crate) fn expression(&self, private: &TokenStream) -> TokenStream {
        match self {
            Self::Constant(name, span) => {
                let name = Ident::new(name, Span::call_site());
                quote_spanned!(*span=> #private::Level::#name)
            }
            Self::Path(path) => path.to_token_stream(),
        }
    }
}

impl Single for Level {
    type Value = Self;

    /// Reads `"info"`, `3` or a path.
    fn read(written: Written, errors: &mut Errors) -> Option<Self> {
        let span = written.value_span();
        let name = match syn::parse2::<Lit>(written.tokens.clone()) {
            Ok(Lit::Str(text)) => named_level(&text.value()),
            Ok(Lit::Int(number)) => number.base10_parse().ok().and_then(numbered_level),
            Ok(_) => None,
            Err(_) => match syn::parse2::<syn::Path>(written.tokens) {
                Ok(path) => match path.get_ident() {
                    Some(word) if named_level(&word.to_string()).is_some() => {
                        named_level(&word.to_string())
                    }
                    _ => return Some(Self::Path(path)),
                },
                Err(_) => None,
            },
        };
        if name.is_none() {
            errors.push(span, say::LEVEL);
        }
        name.map(|name| Self::Constant(name, span))
    }
}

fn named_level(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "error" => Some("ERROR"),
        "warn" => Some("WARN"),
        "info" => Some("INFO"),
        "debug" => Some("DEBUG"),
        "trace" => Some("TRACE"),
        _ => None,
    }
}

/// `tracing::instrument` numbers the levels from 1, `TRACE`, to 5, `ERROR`.
fn numbered_level(number: u8) -> Option<&'static str> {
    ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]
        .get(usize::from(number.checked_sub(1)?))
        .copied()
}

/// `server`; the value is the variant of the runtime's `SpanKind`.
pub(crate) struct SpanKind;

impl Single for SpanKind {
    type Value = &'static str;

    fn read(written: Written, errors: &mut Errors) -> Option<&'static str> {
        let kind = match word(&written.tokens).as_str() {
            "internal" => Some("Internal"),
            "server" => Some("Server"),
            "client" => Some("Client"),
            "producer" => Some("Producer"),
            "consumer" => Some("Consumer"),
            _ => None,
        };
        if kind.is_none() {
            errors.push(written.value_span(), say::SPAN_KIND);
        }
        kind
    }
}

/// `display`; the value is the word of the runtime's `verdict!`.
pub(crate) struct Describe;

impl Single for Describe {
    type Value = &'static str;

    fn read(written: Written, errors: &mut Errors) -> Option<&'static str> {
        let word = word(&written.tokens);
        let known = ["error", "display", "debug", "nothing"];
        let found = known.into_iter().find(|known| word == *known);
        if found.is_none() {
            errors.push(written.value_span(), say::DESCRIBE);
        }
        found
    }
}

/// A word, with or without quotes.
fn word(tokens: &TokenStream) -> String {
    match syn::parse2::<LitStr>(tokens.clone()) {
        Ok(text) => text.value(),
        Err(_) => tokens.to_string(),
    }
}

/// `none = "error"`; the value is where it is given.
pub(crate) struct NoneIsError;

impl Single for NoneIsError {
    type Value = Span;

    fn read(written: Written, errors: &mut Errors) -> Option<Span> {
        let is_error = written.tokens.to_string() == "\"error\"";
        if !is_error {
            errors.push(written.value_span(), say::NONE);
        }
        is_error.then(|| written.key.span())
    }
}

/// The list of `fields(..)`.
pub(crate) struct Fields;

impl Kind for Fields {
    type Value = Vec<Field>;

    fn set(value: &mut Vec<Field>, written: Written, errors: &mut Errors) {
        value.extend(fields::list(written.tokens, errors));
    }
}

/// What `on_failure(..)` reads if a call fails.
#[derive(Clone, Default)]
pub(crate) struct OnFailure {
    pub(crate) fields: Vec<Field>,
    /// Arguments that are cloned because the body takes them.
    pub(crate) cloned: Vec<Ident>,
}

impl Single for OnFailure {
    type Value = Self;

    /// Reads `a, b = expr, %c, clone(d)`.
    fn read(written: Written, errors: &mut Errors) -> Option<Self> {
        let mut all = Self::default();
        for part in args::split(written.tokens) {
            match args::one(part.clone()) {
                Some(Arg::List(word, arguments)) if word == "clone" => {
                    all.cloned.extend(names(arguments, errors));
                }
                _ => all.fields.extend(fields::one(part, errors)),
            }
        }
        Some(all)
    }
}

/// What `skip` excludes.
#[derive(Clone, Default)]
pub(crate) struct Skip {
    /// A bare `skip`, which excludes the function.
    pub(crate) function: Option<Span>,
    /// The arguments that the function excludes.
    pub(crate) named: Vec<Ident>,
    /// The arguments that the items around it exclude; a function need not have them.
    pub(crate) inherited: Vec<Ident>,
}

impl Skip {
    /// Whether an argument is excluded.
    pub(crate) fn contains(&self, name: &Ident) -> bool {
        self.named.contains(name) || self.inherited.contains(name)
    }
}

impl Kind for Skip {
    type Value = Self;

    fn set(value: &mut Self, written: Written, errors: &mut Errors) {
        if written.is_list {
            value.named.extend(names(written.tokens, errors));
        } else {
            value.function = Some(written.key.span());
        }
    }
}

impl Inherit for Skip {
    fn inherit(&mut self, outer: &Self) {
        let all = outer.named.iter().chain(&outer.inherited);
        self.inherited.extend(all.cloned());
    }
}

fn names(tokens: TokenStream, errors: &mut Errors) -> Vec<Ident> {
    let parts = args::split(tokens).into_iter();
    let ident = |input: ParseStream<'_>| input.call(Ident::parse_any);
    parts
        .filter_map(|part| errors.ok(ident.parse2(part)))
        .collect()
}

/// A service level objective, in the units of the runtime; zero where it is not given.
#[derive(Clone, Copy, Default)]
pub(crate) struct Objective {
    pub(crate) success: f64,
    pub(crate) latency: u64,
    pub(crate) at: f64,
}

impl Single for Objective {
    type Value = Self;

    fn read(written: Written, errors: &mut Errors) -> Option<Self> {
        let span = written.key.span();
        let mut objective = Self::default();
        for arg in args::read(written.tokens, errors) {
            match arg {
                Arg::Value(key, value) if key == "success" => {
                    objective.success = percent(value, &key, errors)?;
                }
                Arg::Value(key, tokens) if key == "latency" => {
                    objective.latency = Duration::read(part("latency", key, tokens), errors)?;
                }
                Arg::Value(key, value) if key == "at" => {
                    objective.at = percent(value, &key, errors)?;
                }
                Arg::Value(word, _) | Arg::List(word, _) | Arg::Word(word) => {
                    errors.push(word.span(), say::OBJECTIVE);
                }
                _ => errors.push(span, say::OBJECTIVE),
            }
        }
        if (objective.latency == 0) != (objective.at == 0.0) {
            errors.push(span, say::OBJECTIVE_AT);
        } else if objective.success == 0.0 && objective.latency == 0 {
            errors.push(span, say::OBJECTIVE);
        }
        Some(objective)
    }
}

/// A value within the list of an option.
fn part(word: &'static str, key: Ident, tokens: TokenStream) -> Written {
    Written {
        word,
        key,
        tokens,
        is_list: false,
    }
}

/// A number above 0 and below 100.
fn percent(value: TokenStream, key: &Ident, errors: &mut Errors) -> Option<f64> {
    let span = first_span(&value).unwrap_or_else(|| key.span());
    let number = match syn::parse2::<Lit>(value) {
        Ok(Lit::Float(number)) => number.base10_parse::<f64>().ok(),
        Ok(Lit::Int(number)) => number.base10_parse::<f64>().ok(),
        _ => None,
    };
    let percent = number.filter(|number| *number > 0.0 && *number < 100.0);
    if percent.is_none() {
        errors.push(span, say::OBJECTIVE_PERCENT);
    }
    percent
}

/// How `err` or `ret` writes its event; the defaults differ between the two.
#[derive(Clone, Default)]
pub(crate) struct ReturnFormat {
    pub(crate) format: Option<Format>,
    pub(crate) level: Option<Level>,
}

impl Single for ReturnFormat {
    type Value = Self;

    fn read(written: Written, errors: &mut Errors) -> Option<Self> {
        let mut all = Self::default();
        for arg in args::read(written.tokens, errors) {
            match arg {
                Arg::Word(word) if word == "Debug" => all.format = Some(Format::Debug),
                Arg::Word(word) if word == "Display" => all.format = Some(Format::Display),
                Arg::Value(key, tokens) if key == "level" => {
                    all.level = Level::read(part("level", key, tokens), errors);
                }
                Arg::Word(word) | Arg::Value(word, _) | Arg::List(word, _) => {
                    errors.push(word.span(), say::RECORD_FORMAT);
                }
                Arg::Sigil { span, .. } => errors.push(span, say::RECORD_FORMAT),
                Arg::Text(text) => errors.push(text.span(), say::RECORD_FORMAT),
                Arg::Other(tokens) => errors.at(tokens, say::RECORD_FORMAT),
            }
        }
        Some(all)
    }
}

/// A pattern of `ignore(..)`, which may be given several times.
pub(crate) struct Patterns;

impl Kind for Patterns {
    type Value = Vec<TokenStream>;

    fn set(value: &mut Vec<TokenStream>, written: Written, errors: &mut Errors) {
        if written.tokens.is_empty() {
            errors.push(written.key.span(), say::IGNORE);
        } else {
            value.push(written.tokens);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::nanos;

    #[test]
    fn durations() {
        assert_eq!(nanos("250ms"), Some(250_000_000));
        assert_eq!(nanos("1.5s"), Some(1_500_000_000));
        assert_eq!(nanos("2m"), Some(120_000_000_000));
        for wrong in ["", "5", "s", "1 fortnight", "-1s", "0s", "1e999s"] {
            assert_eq!(nanos(wrong), None, "{wrong}");
        }
    }
}
