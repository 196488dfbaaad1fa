//! The attributes of functions: `traced`, `capture_errors`, `business_event`, `instrument`.
//!
//! An attribute reads its own arguments and those of its siblings on the same function, and one wrapper is written for
//! all of them.

mod args;
mod attribute;
mod borrowing;
mod bulk;
mod captures;
mod drop_in;
mod expand;
mod expand_event;
mod expand_failure;
mod fields;
mod fold;
mod item;
mod lone;
mod look;
mod messages;
mod model;
mod options;
mod params;
mod rule;
mod slots;
mod tail;
mod taken;
#[cfg(test)]
mod tests;
mod types;
mod values;
mod warnings;
mod words;
mod wrap;

use crate::grammar::{Errors, Krate};
use item::{Function, Parsed};
use options::{Kind, Options};
use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use options::Kind as Attribute;

/// Expands one of the attributes on a function, an impl block or an inline module.
pub(crate) fn attribute(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let tokens = match item::parse(item.clone()) {
        Parsed::Function(function) => one(kind, args, *function, &mut errors),
        Parsed::Bulk(bulk) => bulk::expand(kind, args, *bulk, &mut errors),
        Parsed::Other(span) => {
            errors.push(span, messages::elsewhere(kind.name()));
            item
        }
        // A syntax error: the compiler says it better when it reads the item itself.
        Parsed::Broken => item,
    };
    let errors = errors.into_tokens();
    quote!(#tokens #errors)
}

/// Wraps one function; with mistakes, the function stays as it is.
fn one(kind: Kind, args: TokenStream, mut function: Function, errors: &mut Errors) -> TokenStream {
    let plain = function.clone();
    let mut options = Options::default();
    let is_handed_on = fold::is_handed_on(&args);
    fold::read(kind, args, &function, &mut options, errors);
    let is_instrument_ours = kind == Kind::Instrument;
    fold::siblings(&mut function, &mut options, is_instrument_ours, errors);
    if let Some(span) = options.left_out() {
        errors.push(span, messages::SKIP_ALONE);
    }
    if errors.is_empty() && !is_handed_on && options.is_lone_capture() {
        lone::check(&function, errors);
    }
    wrap(&function, &plain, options, errors)
}

fn wrap(
    function: &Function,
    plain: &Function,
    options: Options,
    errors: &mut Errors,
) -> TokenStream {
    if options.skipped() {
        return quote!(#function);
    }
    rule::check(&options, errors);
    let krate = Krate::at(options.krate.clone());
    match model::build(function, options, krate, errors) {
        Some(model) if errors.is_empty() => expand::function(function, &model),
        _ => {
            let mut kept = plain.clone();
            fold::remove_ours(&mut kept);
            quote!(#kept)
        }
    }
}
