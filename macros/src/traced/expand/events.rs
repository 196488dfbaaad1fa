//! The code that emits events.

use super::names::Names;
use super::value::value;
use crate::traced::event::{Event, What};
use crate::traced::mentions::collect;
use crate::traced::model::Model;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// Clones the arguments that events name, before the body takes them.
pub(crate) fn prepare(model: &Model, names: &Names) -> TokenStream {
    let private = &names.private;
    let copies = model.copied.iter().map(|argument| {
        let copy = copy_of(argument);
        let span = argument.span().resolved_at(Span::mixed_site());
        quote_spanned!(span=> let #copy = #private::Clone::clone(&#argument);)
    });
    quote!(#(#copies)*)
}

fn copy_of(argument: &Ident) -> Ident {
    format_ident!("__copy_of_{}", argument, span = Span::mixed_site())
}

/// Emits the events whose patterns match the returned value.
pub(crate) fn emit(model: &Model, names: &Names, verdict: &Ident) -> TokenStream {
    let Names { private, out, .. } = names;
    let events = model.events.iter().map(|event| {
        let what = one(model, event, names);
        match &event.on {
            None => quote!(if #private::is_ok(&#verdict) { #what }),
            Some(pattern) => quote! {
                #[allow(irrefutable_let_patterns)]
                if let #pattern = #out { #what }
            },
        }
    });
    quote!(#(#events)*)
}

fn one(model: &Model, event: &Event, names: &Names) -> TokenStream {
    let private = &names.private;
    let owner = event.owner.as_ref().map(|owner| quote!(owner: #owner));
    let (named, what) = match &event.what {
        What::Typed(literal) => {
            let span = literal
                .clone()
                .into_iter()
                .next()
                .map_or_else(Span::call_site, |token| token.span());
            (
                literal.clone(),
                quote_spanned!(span=> #private::emit(&#literal);),
            )
        }
        What::Literal(name, fields) => {
            let keys = fields.iter().map(|field| &field.name);
            let values = fields.iter().map(|field| value(field, private));
            let emit = quote! {
                #private::emit_literal!(
                    #private::event_site!(#name, [#(#keys),*], [], [], { #owner }),
                    [#(#values),*]
                );
            };
            (emit.clone(), emit)
        }
    };
    let mut words = Vec::new();
    collect(named, &mut words);
    let copies = copies(model, &words, private);
    quote!(#copies #what)
}

/// Binds the arguments' names to their copies, for the arguments that this event mentions.
fn copies(model: &Model, words: &[Ident], private: &TokenStream) -> TokenStream {
    let mut seen: Vec<&Ident> = Vec::new();
    let mut tokens = TokenStream::new();
    for word in words {
        if model.copied.contains(word) && !seen.contains(&word) {
            seen.push(word);
            let copy = copy_of(word);
            tokens.extend(quote!(let #word = #private::Clone::clone(&#copy);));
        }
    }
    tokens
}
