//! `#[capture_errors]` by itself, on a function that returns nothing that could be an error.

use super::item::Function;
use super::messages as say;
use super::types::{self, Opaque};
use crate::grammar::Errors;
use syn::Type;

/// Refuses it: it would do nothing.
pub(crate) fn check(function: &Function, errors: &mut Errors) {
    match function.output() {
        None => errors.push(function.sig.ident.span(), say::CAPTURES_NOTHING),
        Some(ty) if holds_no_error(ty) => errors.at(ty, say::CAPTURES_NOTHING),
        Some(_) => {}
    }
}

/// Of `impl Future` and `impl Stream`, what they yield may be an error.
fn holds_no_error(ty: &Type) -> bool {
    match ty {
        Type::ImplTrait(opaque) => match types::opaque(&opaque.bounds) {
            Opaque::Future(inner) | Opaque::Stream(inner) => {
                inner.is_some_and(|inner| types::is_infallible(&inner))
            }
            Opaque::Other => true,
        },
        ty => types::is_infallible(ty),
    }
}
