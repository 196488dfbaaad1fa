//! `#[traced]` on an `impl` block, a trait or an inline module: every function in it.

use super::item::{Bulk, Function, function_of};
use super::options::{Kind, Options};
use super::{fold, messages as say, wrap};
use crate::grammar::Errors;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ImplItem, Item, TraitItem};

/// Puts the attribute on every function of the item.
pub(crate) fn expand(
    kind: Kind,
    args: TokenStream,
    bulk: Bulk,
    errors: &mut Errors,
) -> TokenStream {
    let mut shared = Options::default();
    if kind == Kind::BusinessEvent {
        let span = proc_macro2::Span::call_site();
        errors.push(span, say::elsewhere(kind.name()));
    } else {
        shared.read(kind, args, errors);
    }
    if let Some(field) = shared.fields.iter().chain(&shared.on_failure.fields).next() {
        errors.push(field.span, say::BULK_FIELDS);
    }
    if let Some(name) = shared.on_failure.cloned.first() {
        errors.push(name.span(), say::BULK_FIELDS);
    }
    let usable = errors.is_empty();
    let mut each = |tokens: &dyn ToTokens| match function_of(tokens.to_token_stream()) {
        Some(function) if usable => one(&shared, function, errors),
        _ => tokens.to_token_stream(),
    };
    match bulk {
        Bulk::Impl(mut item) => {
            for inner in &mut item.items {
                if let ImplItem::Fn(function) = inner {
                    *inner = ImplItem::Verbatim(each(function));
                }
            }
            quote!(#item)
        }
        Bulk::Trait(mut item) => {
            for inner in &mut item.items {
                if let TraitItem::Fn(function) = inner {
                    *inner = TraitItem::Verbatim(each(function));
                }
            }
            quote!(#item)
        }
        Bulk::Mod(mut item) => {
            for inner in item.content.iter_mut().flat_map(|(_, items)| items) {
                if let Item::Fn(function) = inner {
                    *inner = Item::Verbatim(each(function));
                }
            }
            quote!(#item)
        }
    }
}

/// One function: what it says itself comes before what is said for all.
fn one(shared: &Options, mut function: Function, errors: &mut Errors) -> TokenStream {
    let unobservable = function.sig.constness.is_some() || function.body.is_none();
    if unobservable && fold::position_of_traced(&function.attrs).is_none() {
        return quote!(#function);
    }
    let plain = function.clone();
    let mut own = Options::default();
    fold::siblings(&mut function, &mut own, errors);
    wrap(&function, &plain, own.or(shared), errors)
}
