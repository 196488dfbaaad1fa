//! `#[capture_errors]` without `#[traced]` on a function that cannot return an error.

use super::item::Function;
use super::types::{self, Opaque};
use crate::grammar::Errors;
use crate::grammar::messages as say;
use syn::Type;

/// Refuses the attribute, which would have no effect.
pub(crate) fn check(function: &Function, errors: &mut Errors) {
    match function.output() {
        None => errors.push(function.sig.ident.span(), say::NOTHING_TO_CAPTURE),
        Some(ty) if holds_no_error(ty) => errors.at(ty, say::NOTHING_TO_CAPTURE),
        Some(_) => {}
    }
}

/// Whether no value of the type is an error. The output of a future and the items of a stream count too.
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
