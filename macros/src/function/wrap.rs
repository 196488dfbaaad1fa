//! The body within its call: a form for each kind of function, chosen so that the annotated function means what the
//! plain one means. ARCHITECTURE.md lists the forms and what each preserves.

use super::captures::{self, Around, Captures};
use super::expand::Names;
use super::expand_failure;
use super::item::Function;
use super::look;
use super::model::{Form, Model};
use super::options::{Options, Value, What};
use super::types;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::quote;
use std::collections::HashSet;
use syn::{Signature, Type};

/// Runs the body.
pub(crate) fn run(
    function: &Function,
    sig: &mut Signature,
    body: &Group,
    model: &Model,
    names: &Names,
) -> TokenStream {
    match &model.form {
        Form::Guarded => {
            let guard = ours("__guard");
            let begun = expand_failure::guarded(model, names);
            let body = body.stream();
            quote!(let #guard = #begun; #body)
        }
        Form::Async { fallible } => asynchronous(function, sig, body, *fallible, model, names),
        Form::Value => value(sig, body, model, names),
        Form::ByType => by_type(sig, body, model, names),
        Form::Future(output) => {
            let slot = slot("future_slot", "any_future_slot", output.as_ref(), names);
            later("run_future", slot, sig, body, model, names)
        }
        Form::Stream(item) => {
            let slot = slot("stream_slot", "any_stream_slot", item.as_ref(), names);
            later("run_stream", slot, sig, body, model, names)
        }
    }
}

fn ours(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// Tells the compiler the declared type: before it reads the body, it has read a `return` of it.
fn declared(names: &Names) -> TokenStream {
    let (private, slot) = (&names.private, &names.slot);
    quote!(let #slot = #private::slot(); if false { return #slot.declared(); })
}

/// A value that is looked at in place.
fn value(sig: &mut Signature, body: &Group, model: &Model, names: &Names) -> TokenStream {
    let Names {
        call, value, out, ..
    } = names;
    let declared = declared(names);
    let (before, after) = expand_failure::around(model, names);
    let (allow, body) = closure(sig, body, model, names);
    let verdict = ours("__verdict");
    let look = look::statements(model, names, &verdict);
    quote! {
        #declared #before
        #allow let #value = #body;
        #after
        if #call.is_heard() { let #out = &#value; #look #call.end(&#verdict); } else { #call.forget(); }
        #value
    }
}

/// A value whose type decides to what its call is measured.
fn by_type(sig: &mut Signature, body: &Group, model: &Model, names: &Names) -> TokenStream {
    let Names {
        private,
        call,
        value,
        ..
    } = names;
    let declared = declared(names);
    let (before, after) = expand_failure::around(model, names);
    let (allow, body) = closure(sig, body, model, names);
    let look = look::closure(model, names);
    quote! {
        #declared #before
        #allow let mut #value = #body;
        #after
        #private::end!(#call, #value, #look);
        #value
    }
}

/// What runs after the function has returned.
fn later(
    run: &str,
    slot: TokenStream,
    sig: &mut Signature,
    body: &Group,
    model: &Model,
    names: &Names,
) -> TokenStream {
    let Names {
        private,
        call,
        value,
        ..
    } = names;
    let run = ours(run);
    let (before, after) = expand_failure::around(model, names);
    let (allow, body) = closure(sig, body, model, names);
    let look = look::closure(model, names);
    quote! {
        #slot #before
        #allow let #value = #body;
        #after
        #private::#run(#call, #value, #look)
    }
}

/// The slot of a future or stream: what it yields is told to the compiler where it is spelled.
fn slot(known: &str, any: &str, inner: Option<&Type>, names: &Names) -> TokenStream {
    let (private, slot) = (&names.private, &names.slot);
    if let Some(inner) = inner {
        let (known, inner) = (ours(known), types::nameable(inner));
        quote!(let #slot = #private::#known::<#inner, _>();)
    } else {
        let any = ours(any);
        quote!(let #slot = #private::#any();)
    }
}

/// The body in a closure that is called where it is written, and the lints that are not to speak of that.
fn closure(
    sig: &mut Signature,
    body: &Group,
    model: &Model,
    names: &Names,
) -> (TokenStream, TokenStream) {
    let captures = if expand_failure::is_asked(model) && !model.outlives {
        // The body borrows what it does not move, so that its values are there when it has failed.
        Captures::default()
    } else {
        plan(sig, body, model, false)
    };
    let by = captures.by_move.then(<syn::Token![move]>::default);
    let slot = &names.slot;
    let typed = quote!(if false { return #slot.returned(); });
    let lints = captures.lints();
    let body = within(&typed, captures, body);
    (
        quote!(#[allow(#lints clippy::redundant_closure_call)]),
        quote!((#by || #body)()),
    )
}

fn plan(sig: &mut Signature, body: &Group, model: &Model, is_async: bool) -> Captures {
    let (attribute, taken) = attribute_words(&model.options, model);
    let around = Around {
        body: &body.stream(),
        attribute: &attribute,
        taken: &taken,
        is_async,
    };
    captures::plan(sig, &around)
}

/// The body with what stands before its first statement. It stays in its own braces, with its own edition, where
/// arguments are variables around it.
fn within(typed: &TokenStream, captures: Captures, body: &Group) -> TokenStream {
    let Captures { first, nested, .. } = captures;
    if nested {
        return quote!({ #typed #first #body });
    }
    let contents = body.stream();
    let mut group = Group::new(Delimiter::Brace, quote!(#typed #first #contents));
    group.set_span(body.span());
    quote!(#group)
}

/// The words of the attributes' expressions, and of those that may take an argument.
fn attribute_words(options: &Options, model: &Model) -> (HashSet<String>, HashSet<String>) {
    let mut read = TokenStream::new();
    let values = model.fields.iter().chain(&options.on_failure.fields);
    for field in values {
        if let Value::Argument(_, tokens) | Value::Expr(tokens) = &field.value {
            read.extend(tokens.clone());
        }
    }
    for event in &options.events {
        match &event.what {
            What::Typed(tokens) => read.extend(tokens.clone()),
            What::Literal(_, fields) => {
                for field in fields {
                    if let Value::Argument(_, tokens) | Value::Expr(tokens) = &field.value {
                        read.extend(tokens.clone());
                    }
                }
            }
        }
    }
    read.extend(options.metric.clone());
    read.extend(options.error_if.clone());
    let mut taken = TokenStream::new();
    taken.extend(options.parent.clone());
    taken.extend(options.follows_from.clone());
    (captures::words(&read), captures::words(&taken))
}

/// The body of an `async fn`.
fn asynchronous(
    function: &Function,
    sig: &mut Signature,
    body: &Group,
    fallible: bool,
    model: &Model,
    names: &Names,
) -> TokenStream {
    let Names {
        private,
        call,
        slot,
        ..
    } = names;
    let kept = expand_failure::keep(model, names);
    let look = if fallible || look::is_needed(model) {
        look::closure(model, names)
    } else {
        quote!(#private::ok)
    };
    // Nothing to say where nothing is declared, or where nothing is returned.
    let is_declared = function
        .output()
        .is_some_and(|ty| !matches!(ty, Type::Never(_)));
    let (declared, typed) = if is_declared {
        (
            declared(names),
            quote!(if false { return #slot.returned(); }),
        )
    } else {
        <_>::default()
    };
    let (captures, owned) = if expand_failure::is_asked(model) {
        let owned = expand_failure::owned(function, model, names, body.stream());
        (Captures::default(), owned)
    } else {
        (plan(sig, body, model, true), TokenStream::new())
    };
    let by = captures.by_move.then(<syn::Token![move]>::default);
    let lints = captures.lints();
    let allow = (!lints.is_empty()).then(|| quote!(#[allow(#lints)]));
    let body = within(&quote!(#typed #owned), captures, body);
    quote! {
        #declared #kept
        #allow #private::run_async(#call, async #by #body, #look).await
    }
}
