//! Properties of types that are certain from their spelling: of the language's own types, and of types spelled in full. All
//! other decisions are left to the compiler, which can resolve names and aliases.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{GenericArgument, PathArguments, PathSegment, Type, TypeParamBound};

/// The type without parentheses and the invisible groups of `macro_rules` fragments.
pub(crate) fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => plain(&paren.elem),
        Type::Group(group) => plain(&group.elem),
        ty => ty,
    }
}

/// The last segment of a path's type.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match plain(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The types among a segment's arguments.
pub(super) fn arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// The primitive types, which neither contain errors nor have destructors.
const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16",
    "u32", "u64", "u128", "usize",
];

pub(super) fn is_primitive(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.qself.is_none()
        && path
            .path
            .get_ident()
            .is_some_and(|name| PRIMITIVES.iter().any(|primitive| name == primitive))
}

/// Whether no value of the type is an error, as it is the language's own or opaque. Callers recognize futures and streams among
/// the opaque types first.
pub(crate) fn is_infallible(ty: &Type) -> bool {
    match plain(ty) {
        Type::Never(_)
        | Type::Reference(_)
        | Type::Ptr(_)
        | Type::FnPtr(_)
        | Type::Array(_)
        | Type::Slice(_)
        | Type::Tuple(_)
        | Type::ImplTrait(_) => true,
        ty @ Type::Path(_) => {
            is_primitive(ty)
                || last_segment(ty).is_some_and(|last| {
                    let mut inner = arguments(last);
                    last.ident == "Option"
                        && inner.next().is_some_and(is_infallible)
                        && inner.next().is_none()
                })
        }
        _ => false,
    }
}

/// Whether dropping a value of the type runs no code, so that the moment of the drop does not matter.
pub(crate) fn is_dropped_silently(ty: &Type) -> bool {
    match plain(ty) {
        Type::Never(_) | Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) => true,
        Type::Array(array) => is_dropped_silently(&array.elem),
        Type::Slice(slice) => is_dropped_silently(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_dropped_silently),
        ty @ Type::Path(_) => {
            is_primitive(ty)
                || last_segment(ty).is_some_and(|last| {
                    let mut inner = arguments(last);
                    ["Option", "Pin", "PhantomData"].contains(&last.ident.to_string().as_str())
                        && inner.next().is_some_and(is_dropped_silently)
                })
        }
        _ => false,
    }
}

/// Whether a reference to a value of the type is `Send` if the value is.
pub(crate) fn is_shared_freely(ty: &Type) -> bool {
    match plain(ty) {
        Type::Reference(_) => true,
        Type::Array(array) => is_primitive(plain(&array.elem)),
        ty => is_primitive(ty),
    }
}

/// Whether a value of the type, which has no destructor, contains no reference.
pub(crate) fn is_without_references(ty: &Type) -> bool {
    match plain(ty) {
        Type::Array(array) => is_without_references(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_without_references),
        ty => is_primitive(ty),
    }
}

/// Whether the type's name shows that it is neither a boxed future nor a boxed stream.
pub(crate) fn is_surely_a_value(ty: &Type) -> bool {
    match plain(ty) {
        Type::Path(_) => last_segment(ty).is_some_and(|last| {
            ["ControlFlow", "Option", "Poll", "Result"].contains(&last.ident.to_string().as_str())
        }),
        _ => true,
    }
}

/// What a returned `impl Trait` is.
pub(crate) enum Opaque {
    /// A future, with its output if that is spelled.
    Future(Option<Type>),
    /// A stream, with its item if that is spelled.
    Stream(Option<Type>),
    /// Something else, or a future or stream with further traits, which a wrapper would lack.
    Other,
}

/// The traits that the wrapper of a future or stream implements if the wrapped type does.
const PASSED_ON: &[&str] = &[
    "Debug",
    "FusedFuture",
    "FusedStream",
    "Future",
    "RefUnwindSafe",
    "Send",
    "Sized",
    "Stream",
    "Sync",
    "TryFuture",
    "TryStream",
    "Unpin",
    "UnwindSafe",
];

/// Reads the bounds of `impl ..`.
pub(crate) fn opaque<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Opaque {
    let mut found = Opaque::Other;
    for bound in bounds {
        let TypeParamBound::Trait(bound) = bound else {
            continue;
        };
        let Some(last) = bound.path.segments.last() else {
            continue;
        };
        let name = last.ident.to_string();
        if !PASSED_ON.contains(&name.as_str()) {
            return Opaque::Other;
        }
        match name.as_str() {
            "Future" | "FusedFuture" | "TryFuture" => {
                found = Opaque::Future(associated(last, "Output"));
            }
            "Stream" | "FusedStream" | "TryStream" => {
                found = Opaque::Stream(associated(last, "Item"));
            }
            _ => {}
        }
    }
    found
}

pub(super) fn associated(segment: &PathSegment, name: &str) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(found) if found.ident == name => Some(found.ty.clone()),
        _ => None,
    })
}

/// The output of a future, if it is spelled as in `impl Future<Output = T>` or `Pin<Box<dyn Future<Output = T>>>`.
pub(crate) fn future_output(ty: &Type) -> Option<Type> {
    match plain(ty) {
        Type::ImplTrait(opaque) => bounds_output(&opaque.bounds),
        Type::TraitObject(object) => bounds_output(&object.bounds),
        Type::Path(_) => {
            let last = last_segment(ty)?;
            if last.ident == "Pin" || last.ident == "Box" {
                arguments(last).next().and_then(future_output)
            } else if last.ident.to_string().ends_with("BoxFuture") {
                arguments(last).last().cloned()
            } else {
                None
            }
        }
        _ => None,
    }
}

fn bounds_output<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Option<Type> {
    bounds.into_iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last()?;
            associated(last, "Output")
        }
        _ => None,
    })
}

/// Whether a type can be repeated in a body.
pub(crate) fn is_nameable(ty: &Type) -> bool {
    !words(ty.to_token_stream()).any(|word| word == "impl")
}

/// The type in the form that can be repeated in a body, with `_` for each `impl ..`.
pub(crate) fn nameable(ty: &Type) -> TokenStream {
    if is_nameable(ty) {
        return ty.to_token_stream();
    }
    match plain(ty) {
        Type::ImplTrait(_) => quote!(_),
        Type::Reference(reference) => {
            let (lifetime, mutability) = (&reference.lifetime, &reference.mutability);
            let inner = nameable(&reference.elem);
            quote!(&#lifetime #mutability #inner)
        }
        Type::Tuple(tuple) => {
            let inner = tuple.elems.iter().map(nameable);
            quote!((#(#inner,)*))
        }
        Type::Path(path) => {
            let mut path = path.clone();
            if let Some(last) = path.path.segments.last_mut()
                && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
            {
                for argument in &mut arguments.args {
                    if let GenericArgument::Type(ty) = argument {
                        *ty = Type::Verbatim(nameable(ty));
                    }
                }
            }
            path.into_token_stream()
        }
        // Inside of other types, an `impl` cannot be replaced by itself.
        _ => quote!(_),
    }
}

fn words(tokens: TokenStream) -> impl Iterator<Item = String> {
    let mut all = Vec::new();
    collect_words(tokens, &mut all);
    all.into_iter()
}

fn collect_words(tokens: TokenStream, all: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => all.push(word.to_string()),
            TokenTree::Group(group) => collect_words(group.stream(), all),
            _ => {}
        }
    }
}

/// Whether the type's name is that of a boxed future or stream.
pub(crate) fn is_boxed(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|last| {
        let name = last.ident.to_string();
        name == "Pin" || name.ends_with("BoxFuture") || name.ends_with("BoxStream")
    })
}
