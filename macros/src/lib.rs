//! The attributes of `instrumental`. Use them through that crate.
#![forbid(unsafe_code)]

mod catalog;
mod event;
mod grammar;
mod label;
mod outcome;

use proc_macro::TokenStream;

/// Declares metrics: the functions of an inline module.
#[proc_macro_attribute]
pub fn catalog(args: TokenStream, item: TokenStream) -> TokenStream {
    catalog::catalog(args.into(), item.into()).into()
}

/// Makes an enum's variants the values of a metric label.
#[proc_macro_derive(Label, attributes(label))]
pub fn label(item: TokenStream) -> TokenStream {
    label::label(item.into()).into()
}

/// Says of each variant of an error what it means for the service.
#[proc_macro_derive(Outcome, attributes(outcome, label))]
pub fn outcome(item: TokenStream) -> TokenStream {
    outcome::outcome(item.into()).into()
}

/// Declares a business event, on a struct.
#[proc_macro_attribute]
pub fn business_event(args: TokenStream, item: TokenStream) -> TokenStream {
    match syn::parse_macro_input!(item as syn::Item) {
        syn::Item::Struct(item) => event::event(args.into(), item),
        item => event::refused(&item),
    }
    .into()
}
