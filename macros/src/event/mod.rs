//! `#[business_event("name")]` on a struct: declares the event.

mod expand;
mod model;
mod parse;

use crate::grammar::slots::Slots;
use crate::grammar::{Errors, Krate};
use proc_macro2::TokenStream;
use syn::ItemStruct;

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
