//! Attributes as the compiler hands them over.

use super::errors::Errors;
use super::messages as say;
use proc_macro2::TokenStream;
use syn::{Attribute, Meta};

/// The attributes with this name.
pub(crate) fn named(attrs: &[Attribute], name: &str) -> Vec<Attribute> {
    let named = attrs.iter().filter(|attr| attr.path().is_ident(name));
    named.cloned().collect()
}

/// Whether the last segment of the attribute's path is `name`.
pub(crate) fn ends_in(attr: &Attribute, name: &str) -> bool {
    let last = attr.path().segments.last();
    last.is_some_and(|last| last.ident == name)
}

/// What each attribute has in its parentheses.
pub(crate) fn arguments(attrs: &[Attribute], errors: &mut Errors) -> Vec<TokenStream> {
    let mut lists = Vec::new();
    for attr in attrs {
        match &attr.meta {
            Meta::List(list) => lists.push(list.tokens.clone()),
            Meta::Path(_) => {}
            Meta::NameValue(pair) => errors.at(pair, say::ATTRIBUTE_LIST),
        }
    }
    lists
}
