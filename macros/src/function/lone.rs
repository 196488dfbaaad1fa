//! `#[capture_errors]` by itself, on a function that returns nothing that could be an error.

use super::item::Function;
use super::messages as say;
use super::model::associated;
use crate::grammar::Errors;
use syn::{Type, TypeParamBound};

/// Refuses it: it would do nothing.
pub(crate) fn check(function: &Function, errors: &mut Errors) {
    match function.output() {
        None => errors.push(function.sig.ident.span(), say::CAPTURES_NOTHING),
        Some(ty) if holds_no_error(ty) => errors.at(ty, say::CAPTURES_NOTHING),
        Some(_) => {}
    }
}

/// Types of the language, which hold no error whatever is in scope. Of others only the compiler knows.
fn holds_no_error(ty: &Type) -> bool {
    match ty {
        Type::Never(_)
        | Type::Reference(_)
        | Type::Ptr(_)
        | Type::FnPtr(_)
        | Type::Array(_)
        | Type::Slice(_) => true,
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        Type::Paren(paren) => holds_no_error(&paren.elem),
        Type::Group(group) => holds_no_error(&group.elem),
        Type::Path(path) if path.qself.is_none() => path
            .path
            .get_ident()
            .is_some_and(|name| PRIMITIVES.iter().any(|primitive| name == primitive)),
        Type::ImplTrait(opaque) => !opaque.bounds.iter().any(may_be_polled),
        _ => false,
    }
}

/// `impl Future`, `impl Stream`, and what is called after them: what they yield may be an error.
fn may_be_polled(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else {
        return false;
    };
    let Some(last) = bound.path.segments.last() else {
        return false;
    };
    let name = last.ident.to_string();
    let yields_none = ["Output", "Item"]
        .into_iter()
        .filter_map(|word| associated(&last.arguments, word))
        .any(|ty| holds_no_error(&ty));
    (name.contains("Future") || name.contains("Stream")) && !yields_none
}

const PRIMITIVES: &[&str] = &[
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64",
];
