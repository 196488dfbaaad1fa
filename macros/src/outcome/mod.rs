//! `#[derive(Outcome)]`: what each error of an enum means for the service.

mod class;
mod expand;
mod model;
mod options;

use crate::grammar::attrs::{arguments, named};
use crate::grammar::messages as say;
use crate::grammar::options::read as read_options;
use crate::grammar::{Attribute, Errors, Krate};
use crate::label::parse::read;
use options::OutcomeOptions;
use proc_macro2::TokenStream;

/// Expands the derive on `item`.
pub(crate) fn outcome(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(parsed) = read(item, say::OUTCOME_ON_STRUCT, &mut errors) else {
        return errors.into_tokens();
    };
    let lists = arguments(&named(&parsed.attrs, "outcome"), &mut errors);
    let options: OutcomeOptions = read_options(Attribute::OutcomeEnum, lists, &mut errors);
    let krate = Krate::at(options.krate);
    let outcome = expand::outcome(&model::build(parsed, krate, &mut errors));
    let errors = errors.into_tokens();
    quote::quote!(#errors #outcome)
}
