//! What a type says by the way it is written, where that is certain: it is the language's own, or spelled in full.
//! Everything else is left to the compiler, which knows aliases and names.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{GenericArgument, Generics, Lifetime, PathArguments, PathSegment, Type, TypeParamBound};

/// The type within parentheses and the invisible groups of `macro_rules` fragments.
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
fn arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
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

/// The primitive types, which no library can redefine to hold an error or to have a destructor.
const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16",
    "u32", "u64", "u128", "usize",
];

fn is_primitive(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.qself.is_none()
        && path
            .path
            .get_ident()
            .is_some_and(|name| PRIMITIVES.iter().any(|primitive| name == primitive))
}

/// Whether no value of the type is an error: it is the language's, or opaque. An opaque type that is a future or a
/// stream is recognised before.
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

/// Whether dropping a value of the type runs nothing: so the moment at which it is dropped cannot be seen.
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

/// Whether a reference to a value of the type may go wherever the value may.
pub(crate) fn is_shared_freely(ty: &Type) -> bool {
    match plain(ty) {
        Type::Reference(_) => true,
        Type::Array(array) => is_primitive(plain(&array.elem)),
        ty => is_primitive(ty),
    }
}

/// Whether a value of the type, which is dropped silently, holds no reference.
pub(crate) fn is_without_references(ty: &Type) -> bool {
    match plain(ty) {
        Type::Array(array) => is_without_references(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_without_references),
        ty => is_primitive(ty),
    }
}

/// Whether the type is one whose name says that it is neither a boxed future nor a boxed stream.
pub(crate) fn is_surely_a_value(ty: &Type) -> bool {
    match plain(ty) {
        Type::Path(_) => last_segment(ty).is_some_and(|last| {
            ["ControlFlow", "Option", "Poll", "Result"].contains(&last.ident.to_string().as_str())
        }),
        _ => true,
    }
}

/// What an `impl Trait` that is returned turns out to be.
pub(crate) enum Opaque {
    /// A future, with its output where that is spelled.
    Future(Option<Type>),
    /// A stream, with its item where that is spelled.
    Stream(Option<Type>),
    /// Something else, or more than a future or stream: a wrapper would not have its other traits.
    Other,
}

/// Traits that the wrapper of a future or stream has where the wrapped one has them.
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

fn associated(segment: &PathSegment, name: &str) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(found) if found.ident == name => Some(found.ty.clone()),
        _ => None,
    })
}

/// What a future yields: `impl Future<Output = T>` or `Pin<Box<dyn Future<Output = T>>>`, where it is spelled so.
pub(crate) fn future_output(ty: &Type) -> Option<Type> {
    match plain(ty) {
        Type::ImplTrait(opaque) => bounds_output(&opaque.bounds),
        Type::TraitObject(object) => bounds_output(&object.bounds),
        Type::Path(_) => last_segment(ty)
            .filter(|last| last.ident == "Pin" || last.ident == "Box")
            .and_then(|last| arguments(last).next())
            .and_then(future_output),
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

/// Whether a type can be written in a body as it is.
pub(crate) fn is_nameable(ty: &Type) -> bool {
    !words(ty.to_token_stream()).any(|word| word == "impl")
}

/// The type as it can be written in a body: `_` for each `impl ..`.
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
        // An `impl` within any other type cannot be replaced one by one.
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

/// The names of the type parameters that have a lifetime of this kind among their bounds.
fn bounded(generics: &Generics, kind: impl Fn(&Lifetime) -> bool) -> Vec<String> {
    let is = |bound: &TypeParamBound| match bound {
        TypeParamBound::Lifetime(lifetime) => kind(lifetime),
        _ => false,
    };
    let elsewhere = |name: &str| {
        let predicates = generics.where_clause.iter().flat_map(|w| &w.predicates);
        predicates
            .filter_map(|predicate| match predicate {
                syn::WherePredicate::Type(predicate) => Some(predicate),
                _ => None,
            })
            .any(|predicate| {
                last_segment(&predicate.bounded_ty).is_some_and(|last| last.ident == name)
                    && predicate.bounds.iter().any(is)
            })
    };
    generics
        .type_params()
        .map(|ty| (ty.ident.to_string(), ty.bounds.iter().any(is)))
        .filter(|(name, here)| *here || elsewhere(name))
        .map(|(name, _)| name)
        .collect()
}

/// Whether the type is, by its name, a boxed future or stream.
pub(crate) fn is_boxed(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|last| {
        let name = last.ident.to_string();
        name == "Pin" || name.ends_with("BoxFuture") || name.ends_with("BoxStream")
    })
}

/// The lifetime of what is in a box: `BoxFuture<'a, T>`, `Pin<Box<dyn Future<Output = T> + 'a>>`.
fn box_lifetime(ty: &Type) -> Option<&Lifetime> {
    match plain(ty) {
        Type::TraitObject(object) => object.bounds.iter().find_map(|bound| match bound {
            TypeParamBound::Lifetime(lifetime) => Some(lifetime),
            _ => None,
        }),
        Type::Path(_) => {
            let last = last_segment(ty)?;
            let PathArguments::AngleBracketed(inner) = &last.arguments else {
                return None;
            };
            inner.args.iter().find_map(|argument| match argument {
                GenericArgument::Lifetime(lifetime) => Some(lifetime),
                GenericArgument::Type(ty) if last.ident == "Pin" || last.ident == "Box" => {
                    box_lifetime(ty)
                }
                _ => None,
            })
        }
        _ => None,
    }
}

/// Whether the type may be a boxed future or stream of something that need not live as long as the box: the box of the
/// measured one could not be built, which the compiler finds out too late to choose otherwise.
pub(crate) fn is_box_of_borrowed(ty: &Type, generics: &Generics) -> bool {
    let mut all = Vec::new();
    flatten(ty.to_token_stream(), &mut all);
    let mut words = Vec::new();
    let mut lifetimes = Vec::new();
    for (at, token) in all.iter().enumerate() {
        if let TokenTree::Ident(word) = token {
            let is_lifetime =
                at > 0 && matches!(&all[at - 1], TokenTree::Punct(p) if p.as_char() == '\'');
            let list = if is_lifetime {
                &mut lifetimes
            } else {
                &mut words
            };
            list.push(word.to_string());
        }
    }
    let is_declared = |word: &String| generics.type_params().any(|found| found.ident == word);
    let lives_for_ever = box_lifetime(ty).is_none_or(|lifetime| lifetime.ident == "static");
    if lives_for_ever {
        let lasting = bounded(generics, |lifetime| lifetime.ident == "static");
        let is_borrowing = |word: &String| is_parameter(word, generics) && !lasting.contains(word);
        // `Self::Future` names no parameter, and as a rule has none that borrows.
        return words.iter().any(is_borrowing) || lifetimes.iter().any(|other| other != "static");
    }
    let bounded = bounded(generics, |_| true);
    words
        .iter()
        .any(|word| is_declared(word) && !bounded.contains(word))
}

/// Whether an error's type, where it is spelled in this one, has type parameters or lifetimes: what it implements may then
/// hold for some of them only (`impl Display for E<'static>`), which the compiler does not look at when it chooses how the
/// error is described, and refuses afterwards.
pub(crate) fn has_borrowing_error(ty: &Type, generics: &Generics) -> bool {
    let within = |ty: &Type| has_borrowing_error(ty, generics);
    let in_bounds = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last();
            let inner = last
                .and_then(|last| associated(last, "Output").or_else(|| associated(last, "Item")));
            inner.is_some_and(|inner| within(&inner))
        }
        _ => false,
    };
    match plain(ty) {
        Type::ImplTrait(opaque) => opaque.bounds.iter().any(in_bounds),
        Type::TraitObject(object) => object.bounds.iter().any(in_bounds),
        Type::Path(_) => {
            let Some(last) = last_segment(ty) else {
                return false;
            };
            let inner: Vec<&Type> = arguments(last).collect();
            match (last.ident.to_string().as_str(), inner.as_slice()) {
                ("ControlFlow", [error, ..]) => is_borrowing(plain(error), generics),
                // An alias of `Result` has the error's type last, if it has it at all.
                (_, [_, .., error]) => is_borrowing(plain(error), generics),
                (_, [inner]) => within(inner),
                _ => false,
            }
        }
        _ => false,
    }
}

fn is_borrowing(error: &Type, generics: &Generics) -> bool {
    // What a parameter implements is written beside it. A text is displayed whatever its lifetime.
    match error {
        // Nor does an associated type have more than its bounds.
        Type::Path(path) if path.qself.is_some() => return false,
        Type::Path(path)
            if path.path.segments.len() <= 2
                && path.path.segments.iter().all(|s| s.arguments.is_none())
                && (path.path.segments.len() == 1
                    || is_parameter(&path.path.segments[0].ident.to_string(), generics)) =>
        {
            return false;
        }
        Type::Reference(reference) if is_primitive(plain(&reference.elem)) => return false,
        _ => {}
    }
    // What lives for ever is fine, also by its bound.
    let lasting = bounded(generics, |lifetime| lifetime.ident == "static");
    let mut all = Vec::new();
    flatten(error.to_token_stream(), &mut all);
    let is = |token: Option<&TokenTree>, c| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == c);
    (0..all.len()).any(|at| match &all[at] {
        TokenTree::Punct(punct) => punct.as_char() == '&' && !is(all.get(at + 1), '\''),
        TokenTree::Ident(word) => {
            let word = word.to_string();
            if at > 0 && is(all.get(at - 1), '\'') {
                word != "static"
            } else {
                is_parameter(&word, generics) && !lasting.contains(&word)
            }
        }
        _ => false,
    })
}

/// Whether a name is a type parameter's. Those of an `impl` block are not seen from its functions: by custom they are
/// one letter.
fn is_parameter(name: &str, generics: &Generics) -> bool {
    let declared = || {
        generics
            .type_params()
            .any(|parameter| parameter.ident == name)
    };
    (name.len() == 1 && name.starts_with(char::is_uppercase)) || declared()
}

fn flatten(tokens: TokenStream, all: &mut Vec<TokenTree>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => flatten(group.stream(), all),
            token => all.push(token),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f18_errors_that_may_borrow_are_seen_wherever_they_are_spelled() {
        let generics: Generics = syn::parse_quote!(<'l, TE: 'l>);
        let narrow = |ty: &str| {
            let ty = syn::parse_str::<Type>(ty).expect("a type");
            has_borrowing_error(&ty, &generics)
        };
        for ty in [
            "Result<(), Full<TE>>",
            "Result<(), W<'_>>",
            "Poll<Result<u8, Full<TE>>>",
            "ControlFlow<Full<TE>, u8>",
            "Alias<u8, Full<TE>>",
            "impl Future<Output = Result<(), Full<TE>>> + 'l",
            "Pin<Box<dyn Future<Output = Result<(), Full<TE>>> + 'l>>",
            "BoxFuture<'l, Result<(), Full<TE>>>",
        ] {
            assert!(narrow(ty), "{ty}");
        }
        for ty in [
            "Result<&'l str, io::Error>",
            "Result<(), TE>",
            "Result<(), TE::Error>",
            "Result<(), &'l str>",
            "io::Result<Full<TE>>",
            "Option<Full<TE>>",
        ] {
            assert!(!narrow(ty), "{ty}");
        }
    }
}
