//! From the model to tokens; cannot fail.

use super::captures::Captures;
use super::fields::{Field, Value};
use super::form::Form;
use super::item::{Function, block};
use super::model::{Model, Parent, Site};
use super::{expand_event, expand_failure, moved_arguments, warnings, wrap};
use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};

/// The identifiers of the expansion, which no identifier of the user's can clash with.
pub(crate) struct Names {
    pub(crate) private: TokenStream,
    pub(crate) call: Ident,
    /// The returned value.
    pub(crate) value: Ident,
    /// A reference to it.
    pub(crate) out: Ident,
    /// The slot that carries the return type.
    pub(crate) slot: Ident,
    recorder: Ident,
}

impl Names {
    fn of(function: &Function, model: &Model) -> Self {
        // Compiler errors about them point at the function, also if the attribute is on an `impl` block.
        let span = function.sig.ident.span().resolved_at(Span::mixed_site());
        let ours = |name| Ident::new(name, span);
        Self {
            // Errors in macros of this path point at the function's name.
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
}

/// Writes the function with its wrapper.
pub(crate) fn function(function: &Function, model: &Model) -> TokenStream {
    let Some(body) = &function.body else {
        return quote!(#function);
    };
    let names = Names::of(function, model);
    let mut sig = function.sig.clone();
    let captures = wrap::plan(&mut sig, body, model);
    // On the whole function, as the lint reports its parameters.
    let changes = captures
        .changes
        .then(|| quote!(#![allow(unused_assignments)]));
    let inner = &function.inner;
    // The attributes that share this wrapper were removed, which would leave their imports unused.
    let folded = &model.folded;
    let warnings = model.warnings.iter();
    let warnings = warnings.map(|(span, message)| warnings::warning(*span, message));
    let copy = moved_arguments::require_copy(function, model);
    let unused = captures.unused.clone();
    let whole = wrapped(function, captures, body, model, &names);
    let rest =
        quote!(#unused #(#warnings)* #(#[allow(unused_imports)] use #folded as _;)* #copy #whole);
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
    // A future takes the call as an expression, which compiles faster than a variable that unwinding has to drop.
    let is_expression =
        matches!(model.form, Form::Async { .. }) && !expand_failure::is_asked(model);
    let (first, begun) = if is_expression {
        (TokenStream::new(), call)
    } else {
        (quote!(let #name = #call;), quote!(#name))
    };
    let run = wrap::run(function, captures, body, model, (names, &begun));
    let inside = quote!(#events #clones #first #run);
    match &model.form {
        Form::Tail(tail) => {
            let before = &tail.before;
            let slot = wrap::before_tail(tail, names);
            match &tail.boxed {
                Some(boxed) => quote!(#before #slot #boxed(async move { #inside })),
                None => quote!(#before #slot async move { #inside }),
            }
        }
        _ => inside,
    }
}

/// `P::site!(..).begin()`, or a recorder if something is recorded first. Expressions are written in the function itself, so
/// that `?` and `.await` in them belong to the function.
fn call(function: &Function, model: &Model, outer: &TokenStream, names: &Names) -> TokenStream {
    let site = site(function, model, names);
    let is_plain = model.first_fields().is_empty()
        && model.metric.is_none()
        && model.parent.is_none()
        && model.follows_from.is_none();
    if is_plain {
        return quote!(#site.begin());
    }
    let record = record(model, names);
    let recorder = &names.recorder;
    let private = &names.private;
    // Clippy warns about the use of a `_name`, but recording it is intended.
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

/// `P::site!("name", ["field"], { .. })`
fn site(function: &Function, model: &Model, names: &Names) -> TokenStream {
    let name = &model.site.name;
    let fields = model.fields.iter().map(|field| {
        let name = field.name_tokens();
        field.listed(quote_spanned!(field.span=> #name))
    });
    let settings = settings(&model.site, &names.private);
    // At the function's name, so that `line!()` in the macro is the line of the function, also if the attribute is on
    // an `impl` block.
    let span = function.sig.ident.span();
    let here = model.krate.private(span);
    quote_spanned!(span=> #here::site!(#name, [#(#fields),*], { #settings }))
}

/// What the site has beyond its name and fields.
fn settings(site: &Site, private: &TokenStream) -> TokenStream {
    let mut settings = flags(&site.flags, private);
    let mut set = |key: &str, value: TokenStream| {
        let key = Ident::new(key, Span::call_site());
        settings.extend(quote!(, #key: #value));
    };
    if let Some(level) = &site.level {
        set("level", level.expression(private));
    }
    if let Some(target) = &site.target {
        set("target", target.clone());
    }
    if let Some(kind) = site.kind {
        let kind = Ident::new(kind, Span::call_site());
        set("kind", quote!(#private::SpanKind::#kind));
    }
    if let Some(nanos) = site.slow {
        set("slow_nanos", quote!(#nanos));
    }
    if let Some(owner) = &site.owner {
        set("owner", quote!(#owner));
    }
    if let Some(objective) = site.objective {
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

/// `flags: P::flag::TRACED | P::flag::CAPTURE`
fn flags(flags: &[&str], private: &TokenStream) -> TokenStream {
    let flags = flags.iter().map(|flag| {
        let flag = Ident::new(flag, Span::call_site());
        quote!(#private::flag::#flag)
    });
    quote!(flags: #(#flags)|*)
}

/// What is recorded when the call begins.
fn record(model: &Model, names: &Names) -> TokenStream {
    let Names {
        private, recorder, ..
    } = names;
    let metric = model
        .metric
        .iter()
        .map(|metric| quote!(#recorder.metric(#metric);));
    let parent = model.parent.iter().map(|parent| match parent {
        Parent::Root => quote!(#recorder.root();),
        Parent::Span(span) => quote!(#recorder.parent(#span);),
    });
    let fields = (!model.first_fields().is_empty()).then(|| {
        let values = model
            .fields
            .iter()
            .map(|field| field.listed(value(field, private)));
        quote!(#private::record!(#recorder, [#(#values),*]);)
    });
    let follows = model
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
    let format = Ident::new(field.format.macro_name(), span);
    quote_spanned!(span=> #private::#format!(#tokens))
}
