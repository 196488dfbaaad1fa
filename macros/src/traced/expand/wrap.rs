//! The body within its call: a form for each kind of function, chosen so that the annotated function means what the
//! plain one means. ARCHITECTURE.md lists the forms and what each preserves.

use super::captures::{self, Around, Captures};
use super::names::Names;
use super::{expressions, hints, inspect, on_failure};
use crate::traced::form::Form;
use crate::traced::item::Function;
use crate::traced::model::Model;
use crate::traced::{mentions, tail::Tail};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Signature;

/// Plans how the body takes the arguments. A body that stays in its place has them anyway.
pub(crate) fn plan(sig: &mut Signature, body: &Group, model: &Model) -> Captures {
    if matches!(model.form, Form::Guarded | Form::Tail(_)) {
        return Captures::default();
    }
    let words = expressions::words(model);
    let kept = model.reads_on_failure() && !model.outlives;
    let kept = kept.then(|| expressions::on_failure(model));
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

/// A function's body and what it is wrapped with.
pub(crate) struct Wrapper<'a> {
    pub(crate) function: &'a Function,
    pub(crate) body: &'a Group,
    pub(crate) model: &'a Model,
    pub(crate) names: &'a Names,
}

impl Wrapper<'_> {
    /// Runs the body in a call, which is a variable or the expression that begins it.
    pub(crate) fn run(&self, captures: Captures, call: &TokenStream) -> TokenStream {
        let names = self.names;
        match &self.model.form {
            Form::Guarded => self.guarded(),
            Form::Tail(tail) => self.tail(tail, captures, call),
            Form::Async { .. } => self.async_fn(captures, call),
            Form::Value => self.value(captures),
            Form::Inferred { boxed } => self.inferred(*boxed, captures),
            Form::Future(output) => {
                let slot = hints::future_slot(output.as_ref(), names);
                self.outliving("run_future", &slot, captures)
            }
            Form::Stream(item) => {
                let slot = hints::stream_slot(item.as_ref(), names);
                self.outliving("run_stream", &slot, captures)
            }
        }
    }

    /// A guard, and the body in its place.
    fn guarded(&self) -> TokenStream {
        let guard = ours("__guard");
        let begun = on_failure::guard(self.model, self.names);
        let body = self.body.stream();
        quote_spanned!(self.names.at()=> let #guard = #begun; #body)
    }

    /// The async block at the end of the body.
    fn tail(&self, tail: &Tail, captures: Captures, call: &TokenStream) -> TokenStream {
        let hint = hints::of_tail(tail, self.names);
        let captures = Captures {
            by_move: tail.by_move,
            ..captures
        };
        self.async_block(captures, &tail.block, &hint, call)
    }

    fn async_fn(&self, captures: Captures, call: &TokenStream) -> TokenStream {
        let (slot, hint) = hints::of_async(self.function, self.names);
        let owned = self.model.reads_on_failure().then(|| {
            on_failure::own_arguments(self.function, self.model, self.names, self.body.stream())
        });
        let first = &captures.first;
        let captures = Captures {
            first: quote!(#first #owned),
            ..captures
        };
        let run = self.async_block(captures, self.body, &hint, call);
        quote!(#slot #run)
    }

    /// A value that is inspected in place.
    fn value(&self, captures: Captures) -> TokenStream {
        let Names {
            call, value, out, ..
        } = self.names;
        let slot = hints::declare_slot(self.names);
        let (before, after) = on_failure::around(self.model, self.names);
        let returned = located(value, self.end_of_body());
        let (allow, body) = self.closure(captures);
        let verdict = ours("__verdict");
        let inspect = inspect::statements(self.model, self.names, &verdict);
        quote_spanned! { self.names.at()=>
            #slot #before
            #allow let #value = #body;
            #after
            if #call.is_enabled() { let #out = &#value; #inspect #call.end(&#verdict); } else { #call.forget(); }
            #returned
        }
    }

    /// A value, or a future or stream in a box, as its type decides.
    fn inferred(&self, boxed: bool, captures: Captures) -> TokenStream {
        let Names {
            private,
            call,
            value,
            ..
        } = self.names;
        let slot = hints::declare_slot(self.names);
        let returned = located(value, self.end_of_body());
        let end = ours(if boxed { "end" } else { "end_unboxed" });
        let (bound, inspect) = self.bind(&slot, quote!(mut), captures);
        quote_spanned! { self.names.at()=>
            #bound
            #private::#end!(#call, #value, #inspect);
            #returned
        }
    }

    /// A future or stream, which runs after the function has returned.
    fn outliving(&self, run: &str, slot: &TokenStream, captures: Captures) -> TokenStream {
        let Names { call, value, .. } = self.names;
        let at = self.end_of_body();
        let (private, run) = (self.model.krate.private(at), Ident::new(run, at));
        let (bound, inspect) = self.bind(slot, TokenStream::new(), captures);
        let run = quote_spanned!(at=> #private::#run(#call, #value, #inspect));
        quote!(#bound #run)
    }

    /// Binds what the body returns, and the closure that inspects it or its output.
    fn bind(
        &self,
        slot: &TokenStream,
        mutable: TokenStream,
        captures: Captures,
    ) -> (TokenStream, TokenStream) {
        let value = &self.names.value;
        let (before, after) = on_failure::around(self.model, self.names);
        let (allow, body) = self.closure(captures);
        let bound = quote_spanned! { self.names.at()=>
            #slot #before
            #allow let #mutable #value = #body;
            #after
        };
        (bound, inspect::closure(self.model, self.names))
    }

    /// Where the compiler reports that a lifetime of the returned value is too short: the end of the body. If the body has
    /// a `return`, that may be the cause instead, so the report is at the function's name.
    fn end_of_body(&self) -> Span {
        let mut words = Vec::new();
        mentions::collect(self.body.stream(), &mut words);
        let last = self.body.stream().into_iter().last();
        match last {
            Some(last) if !words.iter().any(|word| word == "return") => {
                last.span().resolved_at(Span::mixed_site())
            }
            _ => self.names.at(),
        }
    }

    /// The body in a closure that is called at once, and the lints that this would trigger.
    fn closure(&self, captures: Captures) -> (TokenStream, TokenStream) {
        let at = self.names.at();
        let by = captures.by_move.then(|| syn::Token![move](at));
        let hint = hints::return_type_hint(self.names);
        let lints = captures.lints();
        let body = prepend(&hint, captures, self.body);
        (
            quote_spanned!(at=> #[allow(#lints clippy::redundant_closure_call, clippy::result_large_err)]),
            quote_spanned!(at=> (#by || #body)()),
        )
    }

    /// A block of statements as an async block that is awaited.
    fn async_block(
        &self,
        captures: Captures,
        block: &Group,
        hint: &TokenStream,
        call: &TokenStream,
    ) -> TokenStream {
        let (model, names) = (self.model, self.names);
        let (private, at) = (&names.private, names.at());
        let reader = on_failure::declare_reader(model, names);
        let run = match inspect::is_plain(model) {
            true => "run_async",
            false => "run_async_once",
        };
        let run = Ident::new(run, at);
        let may_fail = !matches!(model.form, Form::Async { fallible: false });
        let inspect = if may_fail || inspect::is_needed(model) {
            inspect::closure(model, names)
        } else {
            quote_spanned!(at=> #private::ok)
        };
        let by = captures.by_move.then(|| syn::Token![move](at));
        let lints = captures.lints();
        let allow = (!lints.is_empty()).then(|| quote!(#[allow(#lints)]));
        // The arguments may be `UnwindSafe`, but a mutable borrow of one is not.
        let borrows = captures.borrows || (model.reads_on_failure() && !captures.by_move);
        let block = prepend(hint, captures, block);
        let future = if borrows {
            quote_spanned!(at=> #private::AssertUnwindSafe(async #by #block))
        } else {
            quote_spanned!(at=> async #by #block)
        };
        quote_spanned!(at=> #reader #allow #private::#run(#call, #future, #inspect).await)
    }
}

fn ours(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

fn located(name: &Ident, at: Span) -> Ident {
    let mut name = name.clone();
    name.set_span(at);
    name
}

/// The body with code before its first statement. If arguments are variables around the body, it keeps its own braces, and
/// so its own edition.
fn prepend(hint: &TokenStream, captures: Captures, body: &Group) -> TokenStream {
    let Captures { first, nested, .. } = captures;
    if nested {
        return quote!({ #hint #first #body });
    }
    let contents = body.stream();
    let mut group = Group::new(Delimiter::Brace, quote!(#hint #first #contents));
    group.set_span(body.span());
    quote!(#group)
}
