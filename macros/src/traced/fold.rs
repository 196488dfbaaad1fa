//! Stacked attributes share one wrapper: the outermost reads and removes those below it that it recognizes by name.

use super::declaration::Declaration;
use super::item::Function;
use crate::grammar::messages as say;
use crate::grammar::{Attribute, Errors, Krate};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::Meta;

/// One of our attributes, as it was written.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) attribute: Attribute,
    pub(crate) args: TokenStream,
    pub(crate) span: Span,
    /// The attribute's name if it has no path: an import, which must not become unused.
    pub(crate) import: Option<Ident>,
}

/// Marks the arguments of an attribute that an item passes on to a function, whose own attributes take precedence.
const SHARED: &str = "__shared";

/// Which of ours an attribute is, by the last segment of its path. `tracing::instrument` is not ours.
fn named(attr: &syn::Attribute) -> Option<Attribute> {
    let path = attr.path();
    let last = path.segments.last()?;
    let by_name = Attribute::ON_FUNCTIONS
        .into_iter()
        .find(|attribute| last.ident == attribute.name())?;
    let foreign = path.segments.len() > 1 && path.segments[0].ident == "tracing";
    (!foreign).then_some(by_name)
}

/// A bare `#[instrument]` on a function may be `tracing`'s.
fn is_unsure(attr: &syn::Attribute) -> bool {
    attr.path().is_ident(Attribute::Instrument.name())
}

/// Which of ours an attribute certainly is.
fn ours(attr: &syn::Attribute, is_instrument_ours: bool) -> Option<Attribute> {
    named(attr).filter(|_| is_instrument_ours || !is_unsure(attr))
}

/// Removes ours from the attributes.
pub(crate) fn take(attrs: &mut Vec<syn::Attribute>, is_instrument_ours: bool) -> Vec<Given> {
    let mut taken = Vec::new();
    for attr in std::mem::take(attrs) {
        match ours(&attr, is_instrument_ours) {
            Some(attribute) => taken.push(Given {
                attribute,
                args: arguments(&attr),
                span: syn::spanned::Spanned::span(attr.path()),
                import: attr.path().get_ident().cloned(),
            }),
            None => attrs.push(attr),
        }
    }
    taken
}

/// Removes the other attributes of ours from the function and adds them to the declaration.
pub(crate) fn siblings(
    function: &mut Function,
    declaration: &mut Declaration,
    is_instrument_ours: bool,
    errors: &mut Errors,
) {
    let mut inherited = Vec::new();
    for given in take(&mut function.attrs, is_instrument_ours) {
        if let Some(args) = inherited_args(&given.args) {
            inherited.push((given.attribute, args));
        } else if declaration.repeats(given.attribute) {
            errors.push(given.span, say::duplicate_attribute(given.attribute));
        } else {
            declaration.folded.extend(given.import);
            declaration.read(given.attribute, given.args, errors);
        }
    }
    for (attribute, args) in inherited {
        inherit(attribute, args, declaration, errors);
    }
}

/// Adds an attribute of the function, which may be inherited from an item around it.
pub(crate) fn read(
    attribute: Attribute,
    args: TokenStream,
    declaration: &mut Declaration,
    errors: &mut Errors,
) {
    match inherited_args(&args) {
        Some(args) => inherit(attribute, args, declaration, errors),
        None => declaration.read(attribute, args, errors),
    }
}

fn inherit(
    attribute: Attribute,
    args: TokenStream,
    declaration: &mut Declaration,
    errors: &mut Errors,
) {
    let mut outer = Declaration::default();
    outer.read(attribute, args, errors);
    declaration.inherit(&outer);
}

/// The arguments of an attribute that an item passed on.
fn inherited_args(args: &TokenStream) -> Option<TokenStream> {
    let mut tokens = args.clone().into_iter();
    let is_marked = matches!(tokens.next(), Some(TokenTree::Ident(word)) if word == SHARED);
    is_marked.then(|| tokens.collect())
}

/// Whether these are the arguments of an attribute that an item passed on.
pub(crate) fn is_inherited(args: &TokenStream) -> bool {
    inherited_args(args).is_some()
}

/// A function with a bare `#[instrument]`, which may be ours or `tracing`'s. It is put first, and the attributes of the
/// items around the function after it: ours reads and removes them, after `tracing`'s they expand by themselves.
pub(crate) fn deferred(function: &Function, given: &[Given], krate: &Krate) -> Option<TokenStream> {
    let at = function.attrs.iter().position(is_unsure)?;
    let mut function = function.clone();
    let first = function.attrs.remove(at);
    let shared = Ident::new(SHARED, Span::call_site());
    let more = given.iter().map(|given| {
        let (name, args) = (Ident::new(given.attribute.name(), given.span), &given.args);
        let list = quote_spanned!(given.span=> (#shared #args));
        quote!(#[#krate::#name #list])
    });
    Some(quote!(#first #(#more)* #function))
}

/// Removes ours after an error, which each of them would report again.
pub(crate) fn remove_ours(function: &mut Function) {
    function.attrs.retain(|attr| ours(attr, false).is_none());
}

/// Whether a function has an attribute of ours that opens a span.
pub(crate) fn is_observed(attrs: &[syn::Attribute]) -> bool {
    let opens = |attr| {
        matches!(
            ours(attr, false),
            Some(Attribute::Traced | Attribute::Instrument)
        )
    };
    attrs.iter().any(opens)
}

fn arguments(attr: &syn::Attribute) -> TokenStream {
    match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}
