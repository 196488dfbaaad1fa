//! The body within its call: a form for each kind of function, chosen so that the annotated function means what the
//! plain one means. ARCHITECTURE.md lists the forms and what each preserves.

use super::captures::{self, Around, Captures};
use super::expand::names::Names;
use super::expand::on_failure as expand_failure;
use super::form::Form;
use super::item::Function;
use super::model::Model;
use super::tail::Tail;
use super::{attribute, look, types};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::quote;
use syn::{Signature, Type};

/// Plans how the body takes the arguments; where it stays in place, it has them anyway.
pub(crate) fn plan(sig: &mut Signature, body: &Group, model: &Model) -> Captures {
    if matches!(model.form, Form::Guarded | Form::Tail(_)) {
        return Captures::default();
    }
    let words = attribute::words(model);
    let kept = expand_failure::is_asked(model) && !model.outlives;
    let kept = kept.then(|| attribute::kept(model));
    let around = Around {
        body: &body.stream(),
        expressions: &words.expressions,
        recorded: &words.recorded,
        taken: &words.taken,
        kept: kept.as_ref(),
        is_async: matches!(model.form, Form::Async { .. }),
    };
    captures::plan(sig, &around)
}

/// Runs the body in a call: a variable, or the expression that begins it.
pub(crate) fn run(
    function: &Function,
    captures: Captures,
    body: &Group,
    model: &Model,
    (names, call): (&Names, &TokenStream),
) -> TokenStream {
    match &model.form {
        Form::Guarded => {
            let guard = ours("__guard");
            let begun = expand_failure::guarded(model, names);
            let body = body.stream();
            quote!(let #guard = #begun; #body)
        }
        Form::Tail(tail) => {
            let typed = of_tail(tail, names);
            let by_move = tail.by_move;
            let captures = Captures {
                by_move,
                ..captures
            };
            asynchronous(captures, &tail.block, &typed, model, (names, call))
        }
        Form::Async { .. } => {
            let (declared, typed) = of_async(function, names);
            let owned = (expand_failure::is_asked(model))
                .then(|| expand_failure::owned(function, model, names, body.stream()));
            let captures = Captures {
                first: {
                    let first = &captures.first;
                    quote!(#first #owned)
                },
                ..captures
            };
            let run = asynchronous(captures, body, &typed, model, (names, call));
            quote!(#declared #run)
        }
        Form::Value => value(captures, body, model, names),
        Form::ByType { boxed } => by_type(*boxed, captures, body, model, names),
        Form::Future(output) => {
            let slot = slot("future_slot", "any_future_slot", output.as_ref(), names);
            later("run_future", slot, captures, body, model, names)
        }
        Form::Stream(item) => {
            let slot = slot("stream_slot", "any_stream_slot", item.as_ref(), names);
            later("run_stream", slot, captures, body, model, names)
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

/// Stands at the top of a body: tells the compiler the type of its slot.
fn typed(names: &Names) -> TokenStream {
    let slot = &names.slot;
    quote!(if false { return #slot.returned(); })
}

/// The same for an async function, outside and inside of its body. A type that can be written again takes the compiler
/// less time than a slot.
fn of_async(function: &Function, names: &Names) -> (TokenStream, TokenStream) {
    let private = &names.private;
    match function.output() {
        Some(Type::Never(_)) => <_>::default(),
        Some(ty) if !types::is_nameable(ty) => (declared(names), typed(names)),
        Some(ty) => (
            TokenStream::new(),
            quote!(if false { return #private::never::<#ty>(); }),
        ),
        None => (
            TokenStream::new(),
            quote!(if false { return #private::never::<()>(); }),
        ),
    }
}

/// What stands before a body's last expression, an async block in a box: the slot of what the box yields.
pub(crate) fn before_tail(tail: &Tail, names: &Names) -> TokenStream {
    if tail.output.is_some() || tail.boxed.is_none() {
        return TokenStream::new();
    }
    let slot = &names.slot;
    let declared = declared(names);
    quote!(#declared let #slot = #slot.output();)
}

/// Stands at the top of that block. A type that is spelled is written again: a slot of it would be part of the block, which
/// may have to live longer than what it yields.
fn of_tail(tail: &Tail, names: &Names) -> TokenStream {
    let private = &names.private;
    match &tail.output {
        Some(output) => {
            let output = types::nameable(output);
            quote!(if false { return #private::never::<#output>(); })
        }
        None if tail.boxed.is_some() => typed(names),
        None => TokenStream::new(),
    }
}

/// A value that is looked at in place.
fn value(captures: Captures, body: &Group, model: &Model, names: &Names) -> TokenStream {
    let Names {
        call, value, out, ..
    } = names;
    let declared = declared(names);
    let (before, after) = expand_failure::around(model, names);
    let (allow, body) = closure(captures, body, names);
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
fn by_type(
    boxed: bool,
    captures: Captures,
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
    let declared = declared(names);
    let (before, after) = expand_failure::around(model, names);
    let (allow, body) = closure(captures, body, names);
    let look = look::closure(model, names);
    let end = ours(if boxed { "end" } else { "end_unboxed" });
    quote! {
        #declared #before
        #allow let mut #value = #body;
        #after
        #private::#end!(#call, #value, #look);
        #value
    }
}

/// What runs after the function has returned.
fn later(
    run: &str,
    slot: TokenStream,
    captures: Captures,
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
    let (allow, body) = closure(captures, body, names);
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
fn closure(captures: Captures, body: &Group, names: &Names) -> (TokenStream, TokenStream) {
    let by = captures.by_move.then(<syn::Token![move]>::default);
    let typed = typed(names);
    let lints = captures.lints();
    let body = within(&typed, captures, body);
    (
        quote!(#[allow(#lints clippy::redundant_closure_call, clippy::result_large_err)]),
        quote!((#by || #body)()),
    )
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

/// A body in an async block.
fn asynchronous(
    captures: Captures,
    body: &Group,
    typed: &TokenStream,
    model: &Model,
    (names, call): (&Names, &TokenStream),
) -> TokenStream {
    let private = &names.private;
    let kept = expand_failure::keep(model, names);
    let looked_at = !matches!(model.form, Form::Async { fallible: false });
    let look = if looked_at || look::is_needed(model) {
        look::closure(model, names)
    } else {
        quote!(#private::ok)
    };
    let by = captures.by_move.then(<syn::Token![move]>::default);
    let lints = captures.lints();
    let allow = (!lints.is_empty()).then(|| quote!(#[allow(#lints)]));
    // A mutable borrow is not `UnwindSafe`, which the borrowed argument may be.
    let borrows = captures.borrows || (expand_failure::is_asked(model) && !captures.by_move);
    let body = within(typed, captures, body);
    let future = if borrows {
        quote!(#private::AssertUnwindSafe(async #by #body))
    } else {
        quote!(async #by #body)
    };
    quote!(#kept #allow #private::run_async(#call, #future, #look).await)
}
