//! One function with its attributes.

use super::declaration::Declaration;
use super::item::Function;
use super::{capture_alone, error_if, expand, fold, model};
use crate::grammar::messages as say;
use crate::grammar::{Attribute, Errors, Krate};
use proc_macro2::TokenStream;
use quote::quote;

/// Expands an attribute of a function, together with the others on it.
pub(crate) fn expand(
    attribute: Attribute,
    args: TokenStream,
    mut function: Function,
    errors: &mut Errors,
) -> TokenStream {
    let plain = function.clone();
    let mut declaration = Declaration::default();
    let is_inherited = fold::is_inherited(&args);
    fold::read(attribute, args, &mut declaration, errors);
    let is_instrument_ours = attribute == Attribute::Instrument;
    fold::siblings(&mut function, &mut declaration, is_instrument_ours, errors);
    if let Some(span) = declaration.options.skip.function {
        errors.push(span, say::SKIP_ALONE);
    }
    let is_lone_capture = declaration.capture && !declaration.traced;
    if errors.is_empty() && !is_inherited && is_lone_capture {
        capture_alone::check(&function, errors);
    }
    wrap(&function, &plain, declaration, errors)
}

/// Writes the function with its wrapper, or, if there are errors, as `plain`.
pub(crate) fn wrap(
    function: &Function,
    plain: &Function,
    declaration: Declaration,
    errors: &mut Errors,
) -> TokenStream {
    if declaration.options.skip.function.is_some() {
        return quote!(#function);
    }
    error_if::check(&declaration.options, errors);
    let krate = Krate::at(declaration.options.krate.clone());
    match model::build(function, declaration, krate, errors) {
        Some(model) if errors.is_empty() => expand::function(function, &model),
        _ => {
            let mut kept = plain.clone();
            fold::remove_ours(&mut kept);
            quote!(#kept)
        }
    }
}
