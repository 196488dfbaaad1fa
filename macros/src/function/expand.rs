//! From the model to tokens; cannot fail.

use super::captures::Captures;
use super::item::{Function, block};
use super::model::{Form, Model};
use super::options::{Field, How, Value};
use super::{drop_in, expand_event, expand_failure, taken, warnings, wrap};
use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;

/// Names of ours that no name of the user's can meet.
pub(crate) struct Names {
    pub(crate) private: TokenStream,
    pub(crate) call: Ident,
    /// What came out of the body.
    pub(crate) value: Ident,
    /// A reference to it.
    pub(crate) out: Ident,
    /// The body's type.
    pub(crate) slot: Ident,
    recorder: Ident,
}

impl Names {
    fn of(function: &Function, model: &Model) -> Self {
        // What the compiler says of them is said at the function, also where the attribute is on an `impl` block.
        let span = function.sig.ident.span().resolved_at(Span::mixed_site());
        let ours = |name| Ident::new(name, span);
        Self {
            // Errors of a macro called here are at the function's name.
            private: model
                .krate
                .private(function.sig.ident.span().resolved_at(Span::mixed_site())),
            call: ours("__call"),
            value: ours("__value"),
            out: ours("__out"),
            slot: ours("__slot"),
            recorder: ours("__recorder"),
        }
    }

    /// Where the compiler reports what it finds wrong with the wrapper: at the function's name.
    pub(crate) fn at(&self) -> Span {
        self.call.span()
    }
}

/// Writes the function with its wrapper.
pub(crate) fn function(function: &Function, model: &Model) -> TokenStream {
    let Some(body) = &function.body else {
        return quote!(#function);
    };
    let names = Names::of(function, model);
    let mut sig = function.sig.clone();
    let captures = wrap::plan(&mut sig, body, model);
    // At the function: the lint speaks at its parameters.
    let changes = captures
        .changes
        .then(|| quote!(#![allow(unused_assignments)]));
    let inner = &function.inner;
    // A sibling that was taken in is used all the same: its import is not to be called unused.
    let folded = &model.options.folded;
    let warnings = model.options.warnings.iter();
    let warnings = warnings.map(|(span, message)| warnings::warning(*span, message));
    let asked = taken::asked(function, model);
    let unused = captures.unused.clone();
    let whole = wrapped(function, captures, body, model, &names);
    let rest =
        quote!(#unused #(#warnings)* #(#[allow(unused_imports)] use #folded as _;)* #asked #whole);
    let mut tokens = TokenStream::new();
    function.head(&sig, &mut tokens);
    block(quote!(#inner #changes), rest, body).to_tokens(&mut tokens);
    tokens
}

/// The call and the body in it.
fn wrapped(
    function: &Function,
    captures: Captures,
    body: &Group,
    model: &Model,
    names: &Names,
) -> TokenStream {
    let events = expand_event::prepare(model, names);
    let clones = expand_failure::prepare(model, names);
    let call = call(function, model, &captures.outer, names);
    let name = &names.call;
    // A future takes its call at once: a variable that unwinding would have to drop costs the compiler more.
    let at_once = matches!(model.form, Form::Async { .. }) && !expand_failure::is_asked(model);
    let (first, begun) = if at_once {
        (TokenStream::new(), call)
    } else {
        (
            quote_spanned!(names.at()=> let #name = #call;),
            quote!(#name),
        )
    };
    let run = wrap::run(function, captures, body, model, (names, &begun));
    let inside = quote!(#events #clones #first #run);
    match &model.form {
        Form::Tail(tail) => {
            let before = &tail.before;
            let slot = wrap::before_tail(tail, names);
            // The compiler reports what the block must outlive at the block.
            let at = tail.block.span().resolved_at(Span::mixed_site());
            let block = quote_spanned!(at=> async move { #inside });
            match &tail.boxed {
                Some(boxed) => quote_spanned!(at=> #before #slot #boxed(#block)),
                None => quote!(#before #slot #block),
            }
        }
        _ => inside,
    }
}

/// `P::site!(..).begin()`, or what records something first. The expressions stand in the function itself, so that `?`
/// and `.await` in them are the function's.
fn call(function: &Function, model: &Model, outer: &TokenStream, names: &Names) -> TokenStream {
    let options = &model.options;
    let name = site_name(function, model);
    let fields = model.fields.iter().map(|field| {
        let name = field.name_tokens();
        field.listed(quote_spanned!(field.span=> #name))
    });
    let settings = settings(model, names);
    // Of the user's own code, so that its `line!()` is the function's, also where the attribute is on an `impl` block.
    let name_span = function.sig.ident.span();
    let here = model.krate.private(name_span);
    let site = quote_spanned!(name_span=> #here::site!(#name, [#(#fields),*], { #settings }));
    let plain = expand_failure::records_nothing_else(model)
        && options.metric.is_none()
        && options.parent.is_none()
        && options.follows_from.is_none();
    if plain {
        return quote!(#site.begin());
    }
    let record = record(model, names);
    let recorder = &names.recorder;
    let private = &names.private;
    // Clippy is not to say that a `_name` is used: it is recorded.
    let allow = model
        .fields
        .iter()
        .any(|field| field.name.starts_with('_'))
        .then(|| quote!(#[allow(clippy::used_underscore_binding)]));
    quote! {{
        let mut #recorder = #site.recorder();
        if #recorder.is_heard() {
            #outer
            #allow { #record }
            #recorder.start()
        } else {
            #private::Call::quiet()
        }
    }}
}

fn site_name(function: &Function, model: &Model) -> TokenStream {
    match &model.options.name {
        Some(name) => name.clone(),
        None if model.options.drop_in => drop_in::name(function),
        None => function.sig.ident.unraw().to_string().to_token_stream(),
    }
}

/// What the site says beyond its name and fields. The numbers of the flags are the runtime's `flag`.
fn settings(model: &Model, names: &Names) -> TokenStream {
    let private = &names.private;
    let options = &model.options;
    let bit = |on: bool, bit: u32| if on { bit } else { 0 };
    let flags = bit(options.traced, 1)
        | bit(options.capture, 2)
        | bit(!options.events.is_empty(), 4)
        | bit(options.in_flight, 8)
        | bit(options.drop_in, 16)
        | bit(options.name.is_some(), 32)
        | bit(expand_failure::is_asked(model), 64);
    let mut settings = quote!(flags: #flags);
    let mut set = |key: &str, value: TokenStream| {
        let key = Ident::new(key, Span::call_site());
        settings.extend(quote!(, #key: #value));
    };
    if let Some(level) = &model.level {
        set("level", level.clone());
    }
    if let Some(target) = &options.target {
        set("target", target.clone());
    }
    if let Some(kind) = options.kind {
        let kind = Ident::new(kind, Span::call_site());
        set("kind", quote!(#private::SpanKind::#kind));
    }
    if let Some(nanos) = options.slow {
        set("slow_nanos", quote!(#nanos));
    }
    if let Some(owner) = &options.owner {
        set("owner", quote!(#owner));
    }
    if let Some(objective) = options.objective {
        let (success, latency, at) = (objective.success, objective.latency, objective.at);
        set(
            "objective",
            quote!(#private::Some(#private::Objective {
                success_percent: #success,
                latency_nanos: #latency,
                latency_percent: #at,
            })),
        );
    }
    settings
}

/// What is recorded when the call begins.
fn record(model: &Model, names: &Names) -> TokenStream {
    let Names {
        private, recorder, ..
    } = names;
    let options = &model.options;
    let metric = options
        .metric
        .iter()
        .map(|metric| quote!(#recorder.metric(#metric);));
    let parent = options
        .parent
        .iter()
        .map(|parent| match parent.to_string().as_str() {
            "None" => quote!(#recorder.root();),
            _ => quote!(#recorder.parent(#parent);),
        });
    let fields = (!expand_failure::records_nothing_else(model)).then(|| {
        let values = model
            .fields
            .iter()
            .map(|field| field.listed(value(field, private)));
        quote!(#private::record!(#recorder, [#(#values),*]);)
    });
    let follows = options
        .follows_from
        .iter()
        .map(|spans| quote!(#recorder.follows_from(#spans);));
    quote!(#(#metric)* #(#parent)* #fields #(#follows)*)
}

/// A field's value.
pub(crate) fn value(field: &Field, private: &TokenStream) -> TokenStream {
    let tokens = match &field.value {
        Value::Later => return quote!(#private::None),
        Value::Argument(_, tokens) | Value::Expr(tokens) => tokens,
    };
    let span = field.span.resolved_at(Span::mixed_site());
    let how = match field.how {
        How::ByType => "value",
        How::Display => "display",
        How::Debug => "debug",
    };
    let how = Ident::new(how, span);
    quote_spanned!(span=> #private::#how!(#tokens))
}
