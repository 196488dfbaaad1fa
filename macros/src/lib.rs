//! The attributes of `instrumental`. Use them through that crate.
#![forbid(unsafe_code)]

mod catalog;
mod event;
mod grammar;
mod label;
mod outcome;

use proc_macro::TokenStream;

#[doc = include_str!("docs/catalog.md")]
#[proc_macro_attribute]
pub fn catalog(args: TokenStream, item: TokenStream) -> TokenStream {
    catalog::catalog(args.into(), item.into()).into()
}

#[doc = include_str!("docs/label.md")]
#[proc_macro_derive(Label, attributes(label))]
pub fn label(item: TokenStream) -> TokenStream {
    label::label(item.into()).into()
}

#[doc = include_str!("docs/outcome.md")]
#[proc_macro_derive(Outcome, attributes(outcome, label))]
pub fn outcome(item: TokenStream) -> TokenStream {
    outcome::outcome(item.into()).into()
}

#[doc = include_str!("docs/business_event.md")]
#[proc_macro_attribute]
pub fn business_event(args: TokenStream, item: TokenStream) -> TokenStream {
    match syn::parse_macro_input!(item as syn::Item) {
        syn::Item::Struct(item) => event::event(args.into(), item),
        item => event::refused(&item),
    }
    .into()
}
