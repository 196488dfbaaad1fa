//! `#[alert(P1, ..)]` on a function that returns a condition.

mod expand;
mod model;
mod options;

use crate::grammar::messages as say;
use crate::grammar::options::read;
use crate::grammar::{Attribute, Errors, Krate};
use options::AlertOptions;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

/// Expands the attribute `args` on `item`.
pub(crate) fn alert(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        // If the item does not parse at all, rustc reports that better.
        if syn::parse2::<syn::Item>(item.clone()).is_ok() {
            errors.at(&item, say::ALERT_ITEM);
        }
        let errors = errors.into_tokens();
        return quote!(#errors #item);
    };
    let options: AlertOptions = read(Attribute::Alert, [args], &mut errors);
    let krate = Krate::at(options.krate.clone());
    match model::build(function, options, krate, &mut errors) {
        Some(alert) if errors.is_empty() => expand::alert(&alert),
        _ => {
            let errors = errors.into_tokens();
            quote!(#errors #[allow(dead_code)] #item)
        }
    }
}
