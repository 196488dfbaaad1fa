//! Types that may contain borrows, judged by their spelling. Method resolution ignores lifetimes, so it cannot be used to find
//! out what a type implements only for `'static`.

use super::item::Function;
use super::types::{arguments, associated, is_primitive, last_segment, plain};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    GenericArgument, Generics, Lifetime, PathArguments, Type, TypeParamBound, WherePredicate,
};

/// The type parameters that the types of a function can name.
///
/// An attribute on a method does not see the generics of its `impl` block, so a single capital letter counts as a parameter
/// there. Safe code cannot do better: method resolution ignores lifetimes, and so a missing `T: 'static`; an item inside
/// the body cannot name `T`; and an auto trait distinguishes a bare parameter from a type, but not a parameter that is
/// `'static`, as in most boxed futures, from one that is not. An attribute on the `impl` block, the trait or the module
/// sees all of them.
pub(crate) struct Scope<'a> {
    own: &'a Generics,
    /// The generics of the enclosing item; none if they are unknown.
    around: Option<&'a Generics>,
}

impl<'a> Scope<'a> {
    pub(crate) fn of(function: &'a Function) -> Self {
        Self {
            own: &function.sig.generics,
            around: function.around.as_ref(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &'a Generics> {
        [self.own].into_iter().chain(self.around)
    }

    /// Whether a name is that of a type parameter.
    fn has(&self, name: &str) -> bool {
        let is_declared = self.all().any(|generics| declares(generics, name));
        let is_custom = || name.len() == 1 && name.starts_with(char::is_uppercase);
        is_declared || (self.around.is_none() && is_custom())
    }

    /// The names of types that have a lifetime of this kind as a bound.
    fn bounded(&self, kind: impl Fn(&Lifetime) -> bool) -> Vec<String> {
        let is = |bound: &TypeParamBound| match bound {
            TypeParamBound::Lifetime(lifetime) => kind(lifetime),
            _ => false,
        };
        let declared = self.all().flat_map(|generics| generics.type_params());
        let declared = declared
            .filter(|parameter| parameter.bounds.iter().any(is))
            .map(|parameter| parameter.ident.to_string());
        let clauses = self
            .all()
            .filter_map(|generics| generics.where_clause.as_ref());
        let elsewhere = clauses
            .flat_map(|clause| &clause.predicates)
            .filter_map(|predicate| match predicate {
                WherePredicate::Type(found) if found.bounds.iter().any(is) => {
                    last_segment(&found.bounded_ty).map(|last| last.ident.to_string())
                }
                _ => None,
            });
        declared.chain(elsewhere).collect()
    }
}

fn declares(generics: &Generics, name: &str) -> bool {
    let mut parameters = generics.type_params();
    parameters.any(|parameter| parameter.ident == name)
}

/// Whether the type of an `impl` block may contain references that are not `'static`.
pub(crate) fn may_borrow(ty: &Type, generics: &Generics) -> bool {
    let scope = Scope {
        own: generics,
        around: Some(generics),
    };
    let (words, lifetimes) = words(ty);
    let lasting = scope.bounded(is_static);
    lifetimes.iter().any(|lifetime| lifetime != "static")
        || words
            .iter()
            .any(|word| scope.has(word) && !lasting.contains(word))
}

fn is_static(lifetime: &Lifetime) -> bool {
    lifetime.ident == "static"
}

/// The words and the lifetimes in a type. The lifetime of a reference without one is `_`.
fn words(ty: &Type) -> (Vec<String>, Vec<String>) {
    let mut all = Vec::new();
    flatten(ty.to_token_stream(), &mut all);
    let is =
        |at: Option<&TokenTree>, c| matches!(at, Some(TokenTree::Punct(p)) if p.as_char() == c);
    let (mut words, mut lifetimes) = (Vec::new(), Vec::new());
    for (at, token) in all.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if at > 0 && is(all.get(at - 1), '\'') => {
                lifetimes.push(word.to_string());
            }
            TokenTree::Ident(word) => words.push(word.to_string()),
            _ if is(Some(token), '&') && !is(all.get(at + 1), '\'') => {
                lifetimes.push("_".to_owned());
            }
            _ => {}
        }
    }
    (words, lifetimes)
}

/// The lifetime bound of a box: `BoxFuture<'a, T>`, `Pin<Box<dyn Future<Output = T> + 'a>>`.
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

/// Whether the type may be a boxed future or stream that contains something which need not outlive the box. A box around
/// the observed future could then not be built, and the compiler reports that too late for another choice.
pub(crate) fn is_box_of_borrowed(ty: &Type, scope: &Scope<'_>) -> bool {
    let (words, lifetimes) = words(ty);
    if box_lifetime(ty).is_none_or(is_static) {
        let lasting = scope.bounded(is_static);
        // What `Self::Future` contains is unknown.
        return is_associated(ty)
            || words
                .iter()
                .any(|word| scope.has(word) && !lasting.contains(word))
            || lifetimes.iter().any(|other| other != "static");
    }
    // A parameter of the `impl` block is part of `self`, so it outlives the box that borrows `self`.
    let bounded = scope.bounded(|_| true);
    words
        .iter()
        .any(|word| declares(scope.own, word) && !bounded.contains(word))
}

/// Whether the error type in this type has type parameters or lifetimes. A trait may then be implemented for some of them only
/// (`impl Display for E<'static>`), which method resolution ignores when it chooses how the error is described, and the compiler
/// rejects afterwards.
pub(crate) fn has_borrowing_error(ty: &Type, scope: &Scope<'_>) -> bool {
    let within = |ty: &Type| has_borrowing_error(ty, scope);
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
                ("ControlFlow", [error, ..]) => is_borrowing(plain(error), scope),
                // In an alias of `Result`, the error type comes last, if it is an argument at all.
                (_, [_, .., error]) => is_borrowing(plain(error), scope),
                (_, [inner]) => within(inner),
                _ => false,
            }
        }
        _ => false,
    }
}

fn is_borrowing(error: &Type, scope: &Scope<'_>) -> bool {
    // The traits of a parameter are its bounds. A `&str` implements `Display` for every lifetime.
    match error {
        // The traits of an associated type are its bounds too.
        Type::Path(path) if path.qself.is_some() => return false,
        Type::Path(path)
            if path.path.segments.len() <= 2
                && path.path.segments.iter().all(|s| s.arguments.is_none())
                && (path.path.segments.len() == 1
                    || scope.has(&path.path.segments[0].ident.to_string())) =>
        {
            return false;
        }
        Type::Reference(reference) if is_primitive(plain(&reference.elem)) => return false,
        _ => {}
    }
    // What is `'static`, or bound by it, is no problem.
    let lasting = scope.bounded(is_static);
    let (words, lifetimes) = words(error);
    lifetimes.iter().any(|lifetime| lifetime != "static")
        || words
            .iter()
            .any(|word| scope.has(word) && !lasting.contains(word))
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
        let scope = Scope {
            own: &generics,
            around: None,
        };
        let narrow = |ty: &str| {
            let ty = syn::parse_str::<Type>(ty).expect("a type");
            has_borrowing_error(&ty, &scope)
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
    #[test]
    fn parameters_around_are_known_by_their_declaration_and_else_by_their_letter() {
        let own: Generics = syn::parse_quote!(<O, P: 'static>);
        let around: Generics = syn::parse_quote!(<Res, E: Send + 'static>);
        let is = |ty: &str, around| {
            let ty = syn::parse_str::<Type>(ty).expect("a type");
            is_box_of_borrowed(&ty, &Scope { own: &own, around })
        };
        // The type; whether it may borrow by the declarations, and by the letters.
        for (ty, declared, by_letter) in [
            ("BoxFuture<'static, Res>", true, false),
            ("BoxFuture<'static, Result<u8, E>>", false, true),
            ("BoxFuture<'static, T>", false, true),
            ("BoxFuture<'static, O>", true, true),
            ("BoxFuture<'static, P>", false, false),
            ("BoxFuture<'static, Result<Response, Error>>", false, false),
            ("BoxFuture<'static, &str>", true, true),
            ("BoxFuture<'l, Res>", false, false),
            ("BoxFuture<'l, O>", true, true),
        ] {
            assert_eq!(is(ty, Some(&around)), declared, "{ty}");
            assert_eq!(is(ty, None), by_letter, "{ty}");
        }
    }

    #[test]
    fn the_type_of_an_impl_block_may_borrow_by_its_parameters_and_lifetimes() {
        let generics: Generics = syn::parse_quote!(<'l, Res, Fixed: 'static>);
        for (ty, borrows) in [
            ("Store", false),
            ("Store<'l>", true),
            ("Store<'_>", true),
            ("Store<'static>", false),
            ("Store<Res>", true),
            ("Store<Fixed>", false),
            ("&Store", true),
        ] {
            let found = syn::parse_str::<Type>(ty).expect("a type");
            assert_eq!(may_borrow(&found, &generics), borrows, "{ty}");
        }
    }
}
