//! `key`, `key = value` and `"text"` lists of an attribute.

use super::Errors;
use super::item_messages as say;
use super::nearest;
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Lit, LitInt, LitStr, Meta, Path, Token};

/// The parts of an attribute, each with the span of what it says.
#[derive(Default)]
pub(crate) struct Slots {
    /// The bare text, as in `#[label("x")]`.
    pub text: Option<LitStr>,
    slots: Vec<Slot>,
}

/// One `key` or `key = value`.
pub(crate) struct Slot {
    pub key: Ident,
    value: Option<Value>,
}

enum Value {
    Lit(Lit),
    Path(Path),
    Other,
}

enum Part {
    Text(LitStr),
    Slot(Slot),
}

impl Parse for Part {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Part::Text);
        }
        let key = input.call(Ident::parse_any)?;
        if input.peek(Token![.]) {
            return Err(syn::Error::new(key.span(), say::NAME_IS_TEXT));
        }
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Part::Slot(Slot { key, value }))
    }
}

impl Parse for Value {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if input.peek(Lit) {
            return input.parse().map(Value::Lit);
        }
        let ahead = input.fork();
        if let Ok(path) = ahead.call(Path::parse_mod_style)
            && (ahead.is_empty() || ahead.peek(Token![,]))
        {
            input.call(Path::parse_mod_style)?;
            return Ok(Value::Path(path));
        }
        input.parse::<syn::Expr>().map(|_| Value::Other)
    }
}

impl Slots {
    /// Reads the list inside an attribute. Keys not in `known` are mistakes.
    pub(crate) fn read(tokens: TokenStream, known: &[&str], errors: &mut Errors) -> Self {
        let mut all = Slots::default();
        all.extend(tokens, known, errors);
        all
    }

    /// Reads several attributes as one list.
    pub(crate) fn of_attributes(attrs: &[Attribute], known: &[&str], errors: &mut Errors) -> Self {
        let mut all = Slots::default();
        for attr in attrs {
            match &attr.meta {
                Meta::List(list) => all.extend(list.tokens.clone(), known, errors),
                Meta::Path(_) => {}
                Meta::NameValue(pair) => errors.at(pair, say::ATTRIBUTE_LIST),
            }
        }
        all
    }

    fn extend(&mut self, tokens: TokenStream, known: &[&str], errors: &mut Errors) {
        let parts = Punctuated::<Part, Token![,]>::parse_terminated.parse2(tokens);
        for part in errors.ok(parts).into_iter().flatten() {
            match part {
                Part::Text(text) if self.text.is_some() => errors.push(text.span(), say::ONE_TEXT),
                Part::Text(text) => self.text = Some(text),
                Part::Slot(slot) => self.take_in(slot, known, errors),
            }
        }
    }

    fn take_in(&mut self, slot: Slot, known: &[&str], errors: &mut Errors) {
        let key = slot.key.unraw().to_string();
        if !known.contains(&key.as_str()) {
            errors.push(
                slot.key.span(),
                say::unknown_key(&key, nearest(&key, known), known),
            );
        } else if self.slots.iter().any(|given| given.key == slot.key) {
            errors.push(slot.key.span(), say::key_twice(&key));
        } else {
            self.slots.push(slot);
        }
    }

    /// The keys that were written.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Ident> {
        self.slots.iter().map(|slot| &slot.key)
    }

    /// A bare key.
    pub(crate) fn flag(&mut self, key: &str, errors: &mut Errors) -> Option<Span> {
        let slot = self.remove(key)?;
        if slot.value.is_some() {
            errors.push(slot.key.span(), say::no_value(key));
        }
        Some(slot.key.span())
    }

    /// `key = "text"`.
    pub(crate) fn string(&mut self, key: &str, errors: &mut Errors) -> Option<LitStr> {
        let slot = self.remove(key)?;
        match slot.value {
            Some(Value::Lit(Lit::Str(text))) => Some(text),
            _ => {
                errors.push(slot.key.span(), say::wants(key, "\"..\""));
                None
            }
        }
    }

    /// `key = 5`.
    pub(crate) fn number(&mut self, key: &str, errors: &mut Errors) -> Option<LitInt> {
        let slot = self.remove(key)?;
        match slot.value {
            Some(Value::Lit(Lit::Int(number))) => Some(number),
            _ => {
                errors.push(slot.key.span(), say::wants(key, "<number>"));
                None
            }
        }
    }

    /// `key = some::path`.
    pub(crate) fn path(&mut self, key: &str, errors: &mut Errors) -> Option<Path> {
        let slot = self.remove(key)?;
        match slot.value {
            Some(Value::Path(path)) => Some(path),
            _ => {
                errors.push(slot.key.span(), say::wants(key, "some::path"));
                None
            }
        }
    }

    fn remove(&mut self, key: &str) -> Option<Slot> {
        let at = self.slots.iter().position(|slot| slot.key == key)?;
        Some(self.slots.remove(at))
    }
}
