//! `#[catalog]`: a module whose functions are metrics.

mod expand;
mod metric;
mod model;
mod module;
mod parse;

use crate::grammar::item_messages as say;
use crate::grammar::slots::Slots;
use crate::grammar::{Errors, Krate};
use proc_macro2::TokenStream;
use syn::Item;

pub(crate) use metric::{MOST_LABELS, bounded};
pub(crate) use model::Budget;

/// Expands the attribute `args` on `item`.
pub(crate) fn catalog(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = parse::catalog_options(
        Slots::read(args, &["name", "crate"], &mut errors),
        &mut errors,
    );
    let parsed = match syn::parse2(item.clone()) {
        Ok(parsed) => parsed,
        Err(error) => return refused(item, error, errors),
    };
    let root = module::build(parsed, "", options.name, &mut errors);
    module::collisions(&root, &mut errors);
    let krate = Krate::at(options.krate);
    let catalog = model::Catalog { krate, root };
    if errors.is_empty() {
        return expand::catalog(&catalog);
    }
    let (errors, stubs) = (errors.into_tokens(), expand::stubs(&catalog));
    quote::quote!(#errors #stubs)
}

/// Says what the item should have been, and keeps it.
fn refused(item: TokenStream, error: syn::Error, mut errors: Errors) -> TokenStream {
    match syn::parse2(item.clone()) {
        Ok(Item::Mod(module)) if module.content.is_none() => {
            errors.push(module.ident.span(), say::CATALOG_OUT_OF_LINE);
        }
        Ok(Item::Mod(_)) | Err(_) => errors.add(error),
        Ok(other) => errors.push(first_span(&other), say::CATALOG_WITHOUT_MODULE),
    }
    let errors = errors.into_tokens();
    quote::quote!(#errors #item)
}

/// The first token that is no attribute's, so that the message points at the item.
fn first_span(item: &Item) -> proc_macro2::Span {
    use syn::spanned::Spanned as _;
    match item {
        Item::Fn(item) => item.sig.ident.span(),
        Item::Struct(item) => item.ident.span(),
        Item::Enum(item) => item.ident.span(),
        item => item.span(),
    }
}
