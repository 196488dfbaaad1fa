//! `#[alert(P1, ..)]` on a function that returns a condition.

mod expand;
mod model;
mod parse;

use crate::grammar::item_messages as say;
use crate::grammar::slots::Slots;
use crate::grammar::{Errors, Krate};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

/// Expands the attribute `args` on `item`.
pub(crate) fn alert(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        // Either it is no function, or rustc says better what is wrong with it.
        if syn::parse2::<syn::Item>(item.clone()).is_ok() {
            errors.at(&item, say::ALERT_ON_OTHER_ITEMS);
        }
        let errors = errors.into_tokens();
        return quote!(#errors #item);
    };
    let slots = Slots::read(args, &parse::OPTIONS, &mut errors);
    let options = parse::options(slots, &mut errors);
    let krate = Krate::at(options.krate.clone());
    match model::build(function, options, krate, &mut errors) {
        Some(alert) if errors.is_empty() => expand::alert(&alert),
        _ => {
            let errors = errors.into_tokens();
            quote!(#errors #[allow(dead_code)] #item)
        }
    }
}
