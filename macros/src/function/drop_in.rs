//! What `tracing::instrument` records without being told (tracing-attributes 0.1.31).

use super::fields::{Field, How, Value};
use super::item::{self, Function};
use super::types;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{FnArg, Pat, Type};

/// The arguments that it records by itself, in its order. Of other patterns than these it records nothing.
pub(crate) fn arguments(function: &Function) -> Vec<Field> {
    let mut fields = Vec::new();
    for input in &function.sig.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                let name = Ident::new("self", receiver.self_token.span);
                fields.push(Field::argument(vec![name], How::Debug));
            }
            FnArg::Typed(typed) => {
                let first = fields.len();
                bound(&typed.pat, by_type(&typed.ty), &mut fields);
                for field in &mut fields[first..] {
                    field.cfgs = item::cfgs(&typed.attrs);
                }
            }
        }
    }
    fields
}

/// The names of a pattern. Of what is taken apart, it does not know the types.
fn bound(pat: &Pat, how: How, fields: &mut Vec<Field>) {
    let mut each = |pat: &Pat| bound(pat, How::Debug, fields);
    match pat {
        Pat::Ident(pat) => fields.push(Field::argument(vec![pat.ident.clone()], how)),
        Pat::Reference(pat) => bound(&pat.pat, how, fields),
        Pat::Struct(pat) => pat.fields.iter().for_each(|field| each(&field.pat)),
        Pat::Tuple(pat) => pat.elems.iter().for_each(each),
        Pat::TupleStruct(pat) => pat.elems.iter().for_each(each),
        _ => {}
    }
}

/// Types that it records as values, by their names; others by `Debug`.
const VALUES: &[&str] = &[
    "bool",
    "str",
    "u8",
    "i8",
    "u16",
    "i16",
    "u32",
    "i32",
    "u64",
    "i64",
    "u128",
    "i128",
    "f32",
    "f64",
    "usize",
    "isize",
    "String",
    "NonZeroU8",
    "NonZeroI8",
    "NonZeroU16",
    "NonZeroI16",
    "NonZeroU32",
    "NonZeroI32",
    "NonZeroU64",
    "NonZeroI64",
    "NonZeroU128",
    "NonZeroI128",
    "NonZeroUsize",
    "NonZeroIsize",
    "Wrapping",
];

fn by_type(ty: &Type) -> How {
    match types::plain(ty) {
        Type::Reference(reference) => by_type(&reference.elem),
        Type::Path(path) => {
            let last = path.path.segments.last();
            let is_value = last.is_some_and(|last| VALUES.iter().any(|value| last.ident == value));
            if is_value { How::ByType } else { How::Debug }
        }
        _ => How::Debug,
    }
}

/// Whether a field that is named takes an argument's place.
pub(crate) fn replaces(field: &Field, argument: &Field) -> bool {
    field.word.is_some() && field.word == argument.word
}

/// A named field as it understands it: without a value it is declared; `%a` and `?a` may name whatever is in scope.
pub(crate) fn named(field: &Field) -> Field {
    let mut field = field.clone();
    if let Value::Argument(_, tokens) = &field.value {
        field.value = match field.how {
            How::ByType => Value::Later,
            How::Display | How::Debug => Value::Expr(tokens.clone()),
        };
    }
    field
}

/// The span's name: as the function is spelled.
pub(crate) fn name(function: &Function) -> TokenStream {
    let name = function.sig.ident.to_string();
    quote!(#name)
}
