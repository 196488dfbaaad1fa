//! Values of options: durations, levels, kinds, percentages.

use super::messages as say;
use crate::grammar::Errors;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::{Lit, LitStr};

/// `"250ms"` in nanoseconds.
pub(crate) fn duration(value: &TokenStream, key: &Ident, errors: &mut Errors) -> Option<u64> {
    let text = text(value, key, errors)?;
    let nanos = nanos(&text.value());
    if nanos.is_none() {
        errors.push(text.span(), say::DURATION);
    }
    nanos
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

/// A literal text.
pub(crate) fn text(value: &TokenStream, key: &Ident, errors: &mut Errors) -> Option<LitStr> {
    match syn::parse2::<LitStr>(value.clone()) {
        Ok(text) => Some(text),
        Err(_) => {
            errors.push(
                span(value, key),
                say::wants_value(&key.to_string(), "\"..\""),
            );
            None
        }
    }
}

/// The span of the value, or of its key where it is missing.
pub(crate) fn span(value: &TokenStream, key: &Ident) -> Span {
    let first = value.clone().into_iter().next();
    first.map_or_else(|| key.span(), |token| token.span())
}

/// `"info"`, `3` or a path, as tokens of the type `Level`.
pub(crate) fn level(
    value: &TokenStream,
    key: &Ident,
    private: &TokenStream,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let span = span(value, key);
    let name = match syn::parse2::<Lit>(value.clone()) {
        Ok(Lit::Str(text)) => named(&text.value()),
        Ok(Lit::Int(number)) => number.base10_parse().ok().and_then(numbered),
        Ok(_) => None,
        Err(_) => match syn::parse2::<syn::Path>(value.clone()) {
            // `info`, or a constant of the user's.
            Ok(path) => match path.get_ident().and_then(|word| named(&word.to_string())) {
                Some(name) => Some(name),
                None => return Some(path.into_token_stream()),
            },
            Err(_) => None,
        },
    };
    let Some(name) = name else {
        errors.push(span, say::LEVEL);
        return None;
    };
    let name = Ident::new(name, Span::call_site());
    Some(quote_spanned!(span=> #private::Level::#name))
}

fn named(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "error" => Some("ERROR"),
        "warn" => Some("WARN"),
        "info" => Some("INFO"),
        "debug" => Some("DEBUG"),
        "trace" => Some("TRACE"),
        _ => None,
    }
}

/// `tracing::instrument` counts from 1, TRACE, to 5, ERROR.
fn numbered(number: u8) -> Option<&'static str> {
    ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]
        .get(usize::from(number.checked_sub(1)?))
        .copied()
}

/// `server` as the name of the variant.
pub(crate) fn kind(value: &TokenStream, key: &Ident, errors: &mut Errors) -> Option<&'static str> {
    let word = match syn::parse2::<LitStr>(value.clone()) {
        Ok(text) => text.value(),
        Err(_) => value.to_string(),
    };
    let kind = match word.as_str() {
        "internal" => Some("Internal"),
        "server" => Some("Server"),
        "client" => Some("Client"),
        "producer" => Some("Producer"),
        "consumer" => Some("Consumer"),
        _ => None,
    };
    if kind.is_none() {
        errors.push(span(value, key), say::KIND);
    }
    kind
}

/// `display` as the word that `verdict!` knows.
pub(crate) fn describe(
    value: &TokenStream,
    key: &Ident,
    errors: &mut Errors,
) -> Option<&'static str> {
    let word = match syn::parse2::<LitStr>(value.clone()) {
        Ok(text) => text.value(),
        Err(_) => value.to_string(),
    };
    let known = ["error", "display", "debug", "nothing"];
    let found = known.into_iter().find(|known| word == *known);
    if found.is_none() {
        errors.push(span(value, key), say::DESCRIBE);
    }
    found
}

/// A number above 0 and below 100.
pub(crate) fn percent(value: &TokenStream, key: &Ident, errors: &mut Errors) -> Option<f64> {
    let number = match syn::parse2::<Lit>(value.clone()) {
        Ok(Lit::Float(number)) => number.base10_parse::<f64>().ok(),
        Ok(Lit::Int(number)) => number.base10_parse::<f64>().ok(),
        _ => None,
    };
    let percent = number.filter(|number| *number > 0.0 && *number < 100.0);
    if percent.is_none() {
        errors.push(span(value, key), say::OBJECTIVE_PERCENT);
    }
    percent
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
