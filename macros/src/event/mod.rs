//! `#[business_event("name")]` on a struct: declares the event.

mod expand;
mod model;
mod options;

use crate::grammar::options::read;
use crate::grammar::{Attribute, Errors, Krate};
use options::EventOptions;
use proc_macro2::TokenStream;
use syn::ItemStruct;

/// Expands the attribute `args` on the struct `item`.
pub(crate) fn event(args: TokenStream, item: ItemStruct) -> TokenStream {
    let mut errors = Errors::default();
    let options: EventOptions = read(Attribute::EventDeclaration, [args], &mut errors);
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
