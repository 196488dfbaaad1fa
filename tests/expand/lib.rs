//! The source of the macros as an ordinary library, so that tests can expand code to text.
#![allow(dead_code)]

#[path = "../../macros/src/alert/mod.rs"]
mod alert;
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
#[path = "../../macros/src/traced/mod.rs"]
mod traced;

use grammar::Attribute;
use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Item, Meta, Path, Token};

/// Expands every item of a file that has one of our attributes.
///
/// # Panics
///
/// The file or its expansion is not valid Rust.
#[must_use]
pub fn expand(source: &str) -> String {
    let file = syn::parse_file(source).expect("a case is a Rust file");
    let items = file.items.into_iter().map(expand_item).collect();
    let expanded = syn::parse2(items).expect("an expansion is a Rust file");
    prettyplease::unparse(&expanded)
}

fn expand_item(mut item: Item) -> TokenStream {
    let Some(attr) = take_ours(&mut item) else {
        return derived(item);
    };
    let args = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let tokens = item.to_token_stream();
    match (&*attr.path().to_token_stream().to_string(), item) {
        ("alert", _) => alert::alert(args, tokens),
        ("catalog", _) => catalog::catalog(args, tokens),
        ("business_event", Item::Struct(item)) => event::event(args, item),
        ("business_event", _) => traced::attribute(Attribute::BusinessEvent, args, tokens),
        ("capture_errors", _) => traced::attribute(Attribute::CaptureErrors, args, tokens),
        ("instrument", _) => traced::attribute(Attribute::Instrument, args, tokens),
        _ => traced::attribute(Attribute::Traced, args, tokens),
    }
}

/// The names of our attributes.
const OURS: [&str; 6] = [
    "alert",
    "business_event",
    "capture_errors",
    "catalog",
    "instrument",
    "traced",
];

/// Removes and returns our outermost attribute of an item.
fn take_ours(item: &mut Item) -> Option<syn::Attribute> {
    let attrs = match item {
        Item::Fn(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        Item::Mod(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        _ => return None,
    };
    let at = attrs
        .iter()
        .position(|attr| OURS.iter().any(|name| attr.path().is_ident(name)))?;
    Some(attrs.remove(at))
}

/// The implementations that our derives of an enum generate.
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
