//! The attributes of functions: `traced`, `capture_errors`, `business_event`, `instrument`.
//!
//! An attribute reads its own arguments and those of the other attributes on the same function, and one wrapper is written
//! for all of them.

mod borrowing;
mod bulk;
mod capture_alone;
mod check;
mod declaration;
mod drop_in;
mod error_if;
mod event;
mod expand;
mod fields;
mod fold;
mod form;
mod item;
mod kinds;
mod mentions;
mod model;
mod options;
mod recorded;
mod single;
mod tail;
#[cfg(test)]
mod tests;
mod types;

use crate::grammar::messages as say;
use crate::grammar::{Attribute, Errors};
use item::Parsed;
use proc_macro2::TokenStream;
use quote::quote;

/// Expands one of the attributes on a function, an `impl` block, a trait or an inline module.
pub(crate) fn attribute(attribute: Attribute, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let tokens = match item::parse(item.clone()) {
        Parsed::Function(function) => single::expand(attribute, args, *function, &mut errors),
        Parsed::Bulk(bulk) => bulk::expand(attribute, args, *bulk, &mut errors),
        Parsed::Other(span) => {
            errors.push(span, say::wrong_item(attribute));
            item
        }
        // The compiler reports a syntax error better, when it parses the item itself.
        Parsed::Broken => item,
    };
    let errors = errors.into_tokens();
    quote!(#tokens #errors)
}
