//! What `tracing::instrument` records by default (tracing-attributes 0.1.31).

use super::fields::{Field, Value};
use super::item::{self, Function};
use super::types;
use crate::grammar::format::Format;
use proc_macro2::Ident;
use syn::{FnArg, Pat, Type};

/// The arguments that it records, in its order. It records nothing of patterns that are not listed here.
pub(crate) fn arguments(function: &Function) -> Vec<Field> {
    let mut fields = Vec::new();
    for input in &function.sig.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                let name = Ident::new("self", receiver.self_token.span);
                fields.push(Field::argument(vec![name], Format::Debug));
            }
            FnArg::Typed(typed) => {
                let first = fields.len();
                bound(&typed.pat, infer_type(&typed.ty), &mut fields);
                for field in &mut fields[first..] {
                    field.cfgs = item::cfgs(&typed.attrs);
                }
            }
        }
    }
    fields
}

/// The names that a pattern binds. The types of destructured parts are unknown.
fn bound(pat: &Pat, format: Format, fields: &mut Vec<Field>) {
    let mut each = |pat: &Pat| bound(pat, Format::Debug, fields);
    match pat {
        Pat::Ident(pat) => fields.push(Field::argument(vec![pat.ident.clone()], format)),
        Pat::Reference(pat) => bound(&pat.pat, format, fields),
        Pat::Struct(pat) => pat.fields.iter().for_each(|field| each(&field.pat)),
        Pat::Tuple(pat) => pat.elems.iter().for_each(each),
        Pat::TupleStruct(pat) => pat.elems.iter().for_each(each),
        _ => {}
    }
}

/// The names of the types that it records as values; it records others by `Debug`.
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

fn infer_type(ty: &Type) -> Format {
    match types::plain(ty) {
        Type::Reference(reference) => infer_type(&reference.elem),
        Type::Path(path) => {
            let last = path.path.segments.last();
            let is_value = last.is_some_and(|last| VALUES.iter().any(|value| last.ident == value));
            if is_value {
                Format::Auto
            } else {
                Format::Debug
            }
        }
        _ => Format::Debug,
    }
}

/// Whether a named field replaces an argument.
pub(crate) fn replaces(field: &Field, argument: &Field) -> bool {
    field.word.is_some() && field.word == argument.word
}

/// A named field in its meaning: without a value it is only declared, and `%a` and `?a` may name anything in scope.
pub(crate) fn named(field: &Field) -> Field {
    let mut field = field.clone();
    if let Value::Argument(_, tokens) = &field.value {
        field.value = match field.format {
            Format::Auto => Value::Later,
            Format::Display | Format::Debug => Value::Expr(tokens.clone()),
        };
    }
    field
}
