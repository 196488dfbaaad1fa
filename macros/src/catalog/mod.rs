//! `#[catalog]`: a module whose functions are metrics.

mod expand;
mod metric;
mod model;
mod module;
mod options;
mod parse;

use crate::grammar::messages as say;
use crate::grammar::options::read;
use crate::grammar::{Attribute, Errors, Krate};
use options::CatalogOptions;
use proc_macro2::TokenStream;
use syn::Item;

/// Expands the attribute `args` on `item`.
pub(crate) fn catalog(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options: CatalogOptions = read(Attribute::Catalog, [args], &mut errors);
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

/// Reports what the item should be, and keeps it.
fn refused(item: TokenStream, error: syn::Error, mut errors: Errors) -> TokenStream {
    match syn::parse2(item.clone()) {
        Ok(Item::Mod(module)) if module.content.is_none() => {
            errors.push(module.ident.span(), say::CATALOG_OUT_OF_LINE);
        }
        Ok(Item::Mod(_)) | Err(_) => errors.add(error),
        Ok(other) => errors.push(first_span(&other), say::CATALOG_ITEM),
    }
    let errors = errors.into_tokens();
    quote::quote!(#errors #item)
}

/// A span of the item itself, not of its attributes.
fn first_span(item: &Item) -> proc_macro2::Span {
    use syn::spanned::Spanned as _;
    match item {
        Item::Fn(item) => item.sig.ident.span(),
        Item::Struct(item) => item.ident.span(),
        Item::Enum(item) => item.ident.span(),
        item => item.span(),
    }
}
