//! Units, by their words in attributes and their types in signatures.

use super::krate::Krate;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// A unit type of the runtime, with the span where it is named.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    pub name: &'static str,
    pub span: Span,
}

/// The words of `#[measure(usd)]` and the types that they name.
const UNITS: [(&str, &str); 7] = [
    ("seconds", "Seconds"),
    ("bytes", "Bytes"),
    ("usd", "Usd"),
    ("eur", "Eur"),
    ("ratio", "Ratio"),
    ("percent", "Percent"),
    ("items", "Items"),
];

impl Unit {
    /// The words that name a unit in an attribute.
    pub(crate) const WORDS: [&'static str; 7] = first_of_each();
    /// The types that name a unit in a signature.
    pub(crate) const TYPES: [&'static str; 8] = [
        "Seconds", "Bytes", "Usd", "Eur", "Ratio", "Percent", "Items", "None",
    ];

    /// No unit.
    pub(crate) fn none(span: Span) -> Self {
        Unit { name: "None", span }
    }

    /// The unit with this word.
    pub(crate) fn of_word(word: &str, span: Span) -> Option<Self> {
        let (_, name) = UNITS.into_iter().find(|(known, _)| *known == word)?;
        Some(Unit { name, span })
    }

    /// The unit with this type name.
    pub(crate) fn of_type(name: &str, span: Span) -> Option<Self> {
        let name = Self::TYPES.into_iter().find(|known| *known == name)?;
        Some(Unit { name, span })
    }

    /// The unit's word, if it has one.
    pub(crate) fn word(self) -> Option<&'static str> {
        UNITS
            .into_iter()
            .find(|(_, name)| *name == self.name)
            .map(|(word, _)| word)
    }

    /// The type, at the span of the unit.
    pub(crate) fn path(self, krate: &Krate) -> TokenStream {
        let name = Ident::new(self.name, self.span);
        quote!(#krate::__private::unit::#name)
    }
}

const fn first_of_each() -> [&'static str; 7] {
    let mut words = [""; 7];
    let mut at = 0;
    while at < words.len() {
        words[at] = UNITS[at].0;
        at += 1;
    }
    words
}
