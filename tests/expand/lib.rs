//! The macros as a library: their own source, without the compiler around it, so that an expansion is a text.
#![allow(dead_code)]

#[path = "../../macros/src/catalog/mod.rs"]
mod catalog;
#[path = "../../macros/src/event/mod.rs"]
mod event;
#[path = "../../macros/src/grammar/mod.rs"]
mod grammar;
#[path = "../../macros/src/label/mod.rs"]
mod label;
#[path = "../../macros/src/outcome/mod.rs"]
mod outcome;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Attribute, Item, Meta, Path, Token};

/// Expands every item of a file that has one of our attributes.
///
/// # Panics
///
/// If the file, or what it expands to, is no Rust.
#[must_use]
pub fn expand(source: &str) -> String {
    let file = syn::parse_file(source).expect("a case is a Rust file");
    let items = file.items.into_iter().map(expand_item).collect();
    let expanded = syn::parse2(items).expect("an expansion is a Rust file");
    prettyplease::unparse(&expanded)
}

fn expand_item(item: Item) -> TokenStream {
    let Some((attr, item)) = outermost(item.clone()) else {
        return derived(item);
    };
    let args = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    match (
        attr.path().get_ident().map(ToString::to_string).as_deref(),
        item,
    ) {
        (Some("catalog"), item) => catalog::catalog(args, item.to_token_stream()),
        (Some("business_event"), Item::Struct(item)) => event::event(args, item),
        (_, item) => quote!(#attr #item),
    }
}

/// Takes the first attribute off an item, if the item is one that ours go on.
fn outermost(mut item: Item) -> Option<(Attribute, Item)> {
    let attrs = match &mut item {
        Item::Mod(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        _ => return None,
    };
    let ours = |attr: &Attribute| {
        attr.path().is_ident("catalog") || attr.path().is_ident("business_event")
    };
    let at = attrs.iter().position(ours)?;
    let attr = attrs.remove(at);
    Some((attr, item))
}

/// What the derives of an enum that are ours write.
fn derived(item: Item) -> TokenStream {
    let Item::Enum(item) = item else {
        return item.to_token_stream();
    };
    let mut impls = TokenStream::new();
    for attr in item
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("derive"))
    {
        let derives =
            attr.parse_args_with(syn::punctuated::Punctuated::<Path, Token![,]>::parse_terminated);
        for derive in derives.into_iter().flatten() {
            if derive.is_ident("Label") {
                impls.extend(label::label(item.to_token_stream()));
            } else if derive.is_ident("Outcome") {
                impls.extend(outcome::outcome(item.to_token_stream()));
            }
        }
    }
    impls
}
