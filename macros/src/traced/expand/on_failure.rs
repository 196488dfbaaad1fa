//! The code that reads the values of `on_failure(..)`.
//!
//! The closure that reads them borrows the arguments, as does the body unless it moves them, so nothing is copied. A future or
//! stream that is returned outlives the arguments: there the closure owns references and `Copy` values.

use super::names::Names;
use super::value::value;
use crate::traced::item::Function;
use crate::traced::mentions::{self, collect};
use crate::traced::model::Model;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// The words of the values that are read without a clone.
pub(crate) fn read(model: &Model) -> Vec<Ident> {
    let mut read = mentions::of_fields(&model.on_failure.fields);
    read.retain(|word| !model.on_failure.cloned.contains(word));
    read
}

fn clone_of(argument: &Ident) -> Ident {
    format_ident!("__clone_of_{}", argument, span = Span::mixed_site())
}

fn reader() -> Ident {
    Ident::new("__kept", Span::mixed_site())
}

/// Clones the arguments of `clone(..)`.
pub(crate) fn prepare(model: &Model, names: &Names) -> TokenStream {
    let private = &names.private;
    let clones = model.on_failure.cloned.iter().map(|argument| {
        let clone = clone_of(argument);
        let span = argument.span().resolved_at(Span::mixed_site());
        quote_spanned!(span=> let #clone = #private::Clone::clone(&#argument);)
    });
    quote!(#(#clones)*)
}

/// The code before and after a body in a closure: the reader of the values, and a guard that notices if the body unwinds.
/// Both are dropped before the call.
pub(crate) fn around(model: &Model, names: &Names) -> (TokenStream, TokenStream) {
    if !model.reads_on_failure() {
        return <_>::default();
    }
    let call = &names.call;
    let failing = Ident::new("__failing", Span::mixed_site());
    let reader = declare_reader(model, names);
    (
        quote!(#reader let #failing = #call.failing();),
        quote!(#failing.returned();),
    )
}

/// `let mut __kept = __call.on_failure(|__failure| record!(..));`
pub(crate) fn declare_reader(model: &Model, names: &Names) -> TokenStream {
    if !model.reads_on_failure() {
        return TokenStream::new();
    }
    let reader = reader();
    let new_reader = new_reader(model, names);
    quote!(let mut #reader = #new_reader;)
}

/// `__call.guard()`, or a guard that reads the values too.
pub(crate) fn guard(model: &Model, names: &Names) -> TokenStream {
    let call = &names.call;
    if !model.reads_on_failure() {
        return quote!(#call.guard());
    }
    let new_reader = new_reader(model, names);
    quote!(#new_reader.guard(#call))
}

fn new_reader(model: &Model, names: &Names) -> TokenStream {
    let Names { private, call, .. } = names;
    let on_failure = &model.on_failure;
    let failure = Ident::new("__failure", Span::mixed_site());
    let clones = on_failure.cloned.iter().map(|argument| {
        let clone = clone_of(argument);
        let span = argument.span().resolved_at(Span::mixed_site());
        quote_spanned!(span=> let #argument = #private::Clone::clone(&#clone);)
    });
    let first = model.first_fields().iter();
    let none = first.map(|field| field.listed(quote!(#private::None)));
    let fields = on_failure.fields.iter();
    let values = fields.map(|field| field.listed(value(field, private)));
    let values = none.chain(values);
    let by = model.outlives.then(<syn::Token![move]>::default);
    quote!(#call.on_failure(#by |#failure| { #(#clones)* #private::record!(#failure, [#(#values),*]); }))
}

/// Passes the verdict to the reader of the values.
pub(crate) fn pass_verdict(model: &Model, verdict: &Ident) -> TokenStream {
    if !model.reads_on_failure() {
        return TokenStream::new();
    }
    let reader = reader();
    quote!(#reader.returned(&#verdict);)
}

/// Makes an async body own the arguments that it mentions, except those that are read after it. If it borrowed them, it
/// would not be `Send` in every case in which the plain function is.
pub(crate) fn own_arguments(
    function: &Function,
    model: &Model,
    names: &Names,
    body: TokenStream,
) -> TokenStream {
    let private = &names.private;
    let read = read(model);
    let mut used = Vec::new();
    collect(body, &mut used);
    let mut owned = function.arguments();
    owned.extend(function.sig.receiver().and_then(|receiver| {
        let by_value = !matches!(receiver.kind, syn::ReceiverKind::Reference(..));
        by_value.then(|| Ident::new("self", receiver.self_token.span))
    }));
    owned.retain(|name| used.contains(name) && !read.contains(name));
    if owned.is_empty() {
        return TokenStream::new();
    }
    quote!(if false { #private::own((#(#owned,)*)); })
}
