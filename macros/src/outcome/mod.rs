//! `#[derive(Outcome)]`: what each error of an enum means for the service.

mod expand;
mod model;
mod parse;

use crate::grammar::Errors;
use crate::grammar::item_messages as say;
use crate::label::parse::{krate, read};
use proc_macro2::TokenStream;

/// Expands the derive on `item`.
pub(crate) fn outcome(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(parsed) = read(item, say::OUTCOME_ON_STRUCT, &mut errors) else {
        return errors.into_tokens();
    };
    let krate = krate(&parsed.attrs, "outcome", &mut errors);
    let outcome = expand::outcome(&model::build(parsed, krate, &mut errors));
    let errors = errors.into_tokens();
    quote::quote!(#errors #outcome)
}
