//! `#[derive(Label)]`: an enum as a closed set of label values.

mod case;
mod expand;
pub(crate) mod model;
mod options;
pub(crate) mod parse;

use crate::grammar::attrs::{arguments, named};
use crate::grammar::messages as say;
use crate::grammar::options::read;
use crate::grammar::{Attribute, Errors, Krate};
use options::LabelOptions;
use proc_macro2::TokenStream;

/// Expands the derive on `item`.
pub(crate) fn label(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(parsed) = parse::read(item, say::LABEL_ON_STRUCT, &mut errors) else {
        return errors.into_tokens();
    };
    let lists = arguments(&named(&parsed.attrs, "label"), &mut errors);
    let options: LabelOptions = read(Attribute::LabelEnum, lists, &mut errors);
    let krate = Krate::at(options.krate);
    let label = model::build(parsed, &mut errors);
    if errors.is_empty() {
        return expand::label(&krate, &label);
    }
    let (errors, impls) = (errors.into_tokens(), expand::label(&krate, &label));
    quote::quote!(#errors #impls)
}
