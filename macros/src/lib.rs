//! The attributes of `instrumental`. Use them through that crate.
#![forbid(unsafe_code)]

mod alert;
mod catalog;
mod event;
mod grammar;
mod label;
mod outcome;
mod traced;

use grammar::Attribute;
use proc_macro::TokenStream;

#[doc = include_str!("docs/alert.md")]
#[proc_macro_attribute]
pub fn alert(args: TokenStream, item: TokenStream) -> TokenStream {
    alert::alert(args.into(), item.into()).into()
}

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
    match syn::parse::<syn::ItemStruct>(item.clone()) {
        Ok(item) => event::event(args.into(), item).into(),
        Err(_) => on_function(Attribute::BusinessEvent, args, item),
    }
}

#[doc = include_str!("docs/traced.md")]
#[proc_macro_attribute]
pub fn traced(args: TokenStream, item: TokenStream) -> TokenStream {
    on_function(Attribute::Traced, args, item)
}

#[doc = include_str!("docs/capture_errors.md")]
#[proc_macro_attribute]
pub fn capture_errors(args: TokenStream, item: TokenStream) -> TokenStream {
    on_function(Attribute::CaptureErrors, args, item)
}

#[doc = include_str!("docs/instrument.md")]
#[proc_macro_attribute]
pub fn instrument(args: TokenStream, item: TokenStream) -> TokenStream {
    on_function(Attribute::Instrument, args, item)
}

fn on_function(attribute: Attribute, args: TokenStream, item: TokenStream) -> TokenStream {
    traced::attribute(attribute, args.into(), item.into()).into()
}
