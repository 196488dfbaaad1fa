//! `#[business_event("name")]` on a struct: declares the event.

mod expand;
mod model;
mod parse;

use crate::grammar::item_messages as say;
use crate::grammar::slots::Slots;
use crate::grammar::{Errors, Krate};
use proc_macro2::TokenStream;
use syn::{Item, ItemStruct};

/// Expands the attribute `args` on the struct `item`.
pub(crate) fn event(args: TokenStream, item: ItemStruct) -> TokenStream {
    let mut errors = Errors::default();
    let slots = Slots::read(args, &parse::OPTIONS, &mut errors);
    let options = parse::options(slots, &mut errors);
    let krate = Krate::at(options.krate.clone());
    let event = model::build(item, options, krate, &mut errors);
    if errors.is_empty() {
        return expand::event(&event);
    }
    let (errors, stub) = (
        errors.into_tokens(),
        expand::stub(&event.item, &event.krate),
    );
    quote::quote!(#errors #stub)
}

/// Says where the attribute goes, and keeps the item.
pub(crate) fn refused(item: &Item) -> TokenStream {
    let mut errors = Errors::default();
    match item {
        Item::Enum(item) => errors.push(item.ident.span(), say::EVENT_ELSEWHERE),
        item => errors.at(item, say::EVENT_ELSEWHERE),
    }
    let errors = errors.into_tokens();
    quote::quote!(#errors #item)
}
