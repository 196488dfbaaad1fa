//! The static site of a function, and the beginning of a call.

use super::names::Names;
use super::value::value;
use crate::traced::item::Function;
use crate::traced::model::{Model, Parent, Site, Start};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

/// `P::site!(..).begin()`, or a recorder if something is recorded first. Expressions are written in the function itself, so
/// that `?` and `.await` in them belong to the function.
pub(crate) fn call(
    function: &Function,
    model: &Model,
    outer: &TokenStream,
    names: &Names,
) -> TokenStream {
    let site = site(function, model, names);
    let is_plain = model.first_fields().is_empty()
        && model.start.metric.is_none()
        && model.start.parent.is_none()
        && model.start.follows_from.is_none();
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
        if #recorder.is_enabled() {
            #outer
            #allow { #record }
            #recorder.start()
        } else {
            #private::Call::disabled()
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
    let Start {
        metric,
        parent,
        follows_from,
    } = &model.start;
    let metric = metric
        .iter()
        .map(|metric| quote!(#recorder.metric(#metric);));
    let parent = parent.iter().map(|parent| match parent {
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
    let follows = follows_from
        .iter()
        .map(|spans| quote!(#recorder.follows_from(#spans);));
    quote!(#(#metric)* #(#parent)* #fields #(#follows)*)
}
