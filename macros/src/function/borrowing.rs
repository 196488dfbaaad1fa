//! Types that may borrow, as far as that is spelled: what holds for `'static` only is asked of them in vain, since the
//! compiler looks at lifetimes after it has chosen.

use super::types::{arguments, associated, is_primitive, last_segment, plain};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{GenericArgument, Generics, Lifetime, PathArguments, Type, TypeParamBound};

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

/// `Self::Future`, `<S as Service>::Future`
fn is_associated(ty: &Type) -> bool {
    match plain(ty) {
        Type::Path(path) => {
            let segments = &path.path.segments;
            path.qself.is_some() || (segments.len() > 1 && segments[0].ident == "Self")
        }
        _ => false,
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
        // A box is given up for a letter that is a parameter's by custom, and not for any.
        let is_custom = |word: &String| word.len() == 1 && "ABEFIKORSTUV".contains(word.as_str());
        let is_borrowing =
            |word: &String| (is_custom(word) || is_declared(word)) && !lasting.contains(word);
        // What `Self::Future` has is not to be seen.
        return is_associated(ty)
            || words.iter().any(is_borrowing)
            || lifetimes.iter().any(|other| other != "static");
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
