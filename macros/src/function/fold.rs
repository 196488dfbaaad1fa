//! Stacked attributes are one wrapper: the outermost takes in those below it that it knows by name.

use super::bulk::fill;
use super::item::Function;
use super::messages as say;
use super::options::{Kind, Options};
use crate::grammar::{Errors, Krate};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Attribute, Meta};

/// One of our attributes, as it was written.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) kind: Kind,
    pub(crate) args: TokenStream,
    pub(crate) span: Span,
    /// Its name, where it was written without a path: an import that must not become unused.
    pub(crate) import: Option<Ident>,
}

/// Begins the arguments of an attribute that an item hands on to a function: what the function says comes first.
const SHARED: &str = "__shared";

/// Which of ours an attribute is by its last word. `tracing::instrument` is not ours.
fn named(attr: &Attribute) -> Option<Kind> {
    let path = attr.path();
    let last = path.segments.last()?;
    let by_name = Kind::ALL
        .into_iter()
        .find(|kind| last.ident == kind.name())?;
    let foreign = path.segments.len() > 1 && path.segments[0].ident == "tracing";
    (!foreign).then_some(by_name)
}

/// A bare `#[instrument]` on a function may be `tracing`'s.
fn is_unsure(attr: &Attribute) -> bool {
    attr.path().is_ident(Kind::Instrument.name())
}

/// Which of ours an attribute is for sure.
fn ours(attr: &Attribute, is_instrument_ours: bool) -> Option<Kind> {
    named(attr).filter(|_| is_instrument_ours || !is_unsure(attr))
}

/// Takes ours out of the attributes.
pub(crate) fn take(attrs: &mut Vec<Attribute>, is_instrument_ours: bool) -> Vec<Given> {
    let mut taken = Vec::new();
    for attr in std::mem::take(attrs) {
        match ours(&attr, is_instrument_ours) {
            Some(kind) => taken.push(Given {
                kind,
                args: arguments(&attr),
                span: syn::spanned::Spanned::span(attr.path()),
                import: attr.path().get_ident().cloned(),
            }),
            None => attrs.push(attr),
        }
    }
    taken
}

/// Whether an attribute says again what has been said: each opens the call's span, or captures its errors.
pub(crate) fn is_again(kind: Kind, options: &Options) -> bool {
    match kind {
        Kind::Traced | Kind::Instrument => options.traced,
        Kind::CaptureErrors => options.capture,
        Kind::BusinessEvent => false,
    }
}

/// Takes the siblings off the function and adds what they say.
pub(crate) fn siblings(
    function: &mut Function,
    options: &mut Options,
    is_instrument_ours: bool,
    errors: &mut Errors,
) {
    let mut shared = Vec::new();
    for Given {
        kind,
        args,
        span,
        import,
    } in take(&mut function.attrs, is_instrument_ours)
    {
        if let Some(args) = handed_on(&args) {
            shared.push((kind, args));
        } else if is_again(kind, options) {
            errors.push(span, say::attribute_twice(kind.name()));
        } else {
            options.folded.extend(import);
            options.read(kind, args, errors);
        }
    }
    for (kind, args) in shared {
        read_shared(kind, args, function, options, errors);
    }
}

/// Reads an attribute of the function; one that an item handed on says nothing that the function says.
pub(crate) fn read(
    kind: Kind,
    args: TokenStream,
    function: &Function,
    options: &mut Options,
    errors: &mut Errors,
) {
    match handed_on(&args) {
        Some(args) => read_shared(kind, args, function, options, errors),
        None => options.read(kind, args, errors),
    }
}

fn read_shared(
    kind: Kind,
    args: TokenStream,
    function: &Function,
    options: &mut Options,
    errors: &mut Errors,
) {
    let mut shared = Options::default();
    shared.read(kind, args, errors);
    *options = fill(std::mem::take(options), &shared, Some(function));
}

/// The arguments that an item handed on.
fn handed_on(args: &TokenStream) -> Option<TokenStream> {
    let mut tokens = args.clone().into_iter();
    let is_marked = matches!(tokens.next(), Some(TokenTree::Ident(word)) if word == SHARED);
    is_marked.then(|| tokens.collect())
}

/// Whether the function has an attribute that an item handed on to it.
pub(crate) fn is_handed_on(args: &TokenStream) -> bool {
    handed_on(args).is_some()
}

/// A function with a bare `#[instrument]`, ours or `tracing`'s: that goes first, and the attributes of the item around
/// come after it. Ours takes them in; `tracing`'s leaves them to themselves.
pub(crate) fn deferred(function: &Function, given: &[Given], krate: &Krate) -> Option<TokenStream> {
    let at = function.attrs.iter().position(is_unsure)?;
    let mut function = function.clone();
    let first = function.attrs.remove(at);
    let shared = Ident::new(SHARED, Span::call_site());
    let more = given.iter().map(|given| {
        let (name, args) = (Ident::new(given.kind.name(), given.span), &given.args);
        let list = quote_spanned!(given.span=> (#shared #args));
        quote!(#[#krate::#name #list])
    });
    Some(quote!(#first #(#more)* #function))
}

/// Takes ours off, where there was a mistake: each would report it again.
pub(crate) fn remove_ours(function: &mut Function) {
    function.attrs.retain(|attr| ours(attr, false).is_none());
}

/// Whether a function has an attribute of ours that opens a span.
pub(crate) fn is_observed(attrs: &[Attribute]) -> bool {
    let opens = |attr| matches!(ours(attr, false), Some(Kind::Traced | Kind::Instrument));
    attrs.iter().any(opens)
}

fn arguments(attr: &Attribute) -> TokenStream {
    match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}
