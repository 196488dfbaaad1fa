//! The code that inspects a returned value: its verdict, the events with it, and the fields of a failed call.

use super::names::Names;
use super::{events, on_failure};
use crate::traced::model::{Model, ReturnEvent};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

/// Whether an option inspects the value, whatever its type.
pub(crate) fn is_needed(model: &Model) -> bool {
    let verdict = &model.verdict;
    !is_silent(model) || verdict.error_if.is_some() || verdict.none_is_error
}

/// Whether the type of the value alone decides the verdict, so that the closure captures nothing.
pub(crate) fn is_plain(model: &Model) -> bool {
    !is_needed(model) && model.verdict.ignore.is_empty()
}

/// Whether only the verdict is needed.
fn is_silent(model: &Model) -> bool {
    model.events.is_empty()
        && model.returned.err.is_none()
        && model.returned.ret.is_none()
        && !model.reads_on_failure()
}

/// The closure that inspects a value.
pub(crate) fn closure(model: &Model, names: &Names) -> TokenStream {
    let out = &names.out;
    if is_silent(model) {
        let verdict = verdict(model, names);
        return quote!(|#out| #verdict);
    }
    let found = Ident::new("__verdict", Span::mixed_site());
    let statements = statements(model, names, &found);
    quote!(move |#out| { #statements #found })
}

/// Statements that inspect a value, and leave its verdict in a variable.
pub(crate) fn statements(model: &Model, names: &Names, found: &Ident) -> TokenStream {
    let verdict = verdict(model, names);
    let events = events::emit(model, names, found);
    let err_ret = err_ret_events(model, names);
    let fields = on_failure::pass_verdict(model, found);
    quote!(let #found = #verdict; #err_ret #events #fields)
}

fn verdict(model: &Model, names: &Names) -> TokenStream {
    let Names { private, out, .. } = names;
    let options = &model.verdict;
    // A verdict by type needs the type, which the compiler may not have inferred yet for a closure.
    if options.infallible {
        return match &options.error_if {
            Some(rule) => quote! {
                if #private::verdict::rule(#out, #rule) {
                    #private::verdict::by_rule()
                } else {
                    #private::Verdict::Ok
                }
            },
            None if options.none_is_error => quote!(#private::verdict::by_none(#out)),
            None => quote!(#private::Verdict::Ok),
        };
    }
    let error = Ident::new("__error", Span::mixed_site());
    let mut slots = TokenStream::new();
    if let Some(describe) = options.describe {
        let describe = Ident::new(describe, Span::call_site());
        slots.extend(quote!(describe: #describe,));
    }
    if !options.ignore.is_empty() {
        let patterns = &options.ignore;
        slots.extend(quote!(ignore: |#error| #(#private::matches!(#error, #patterns))||*,));
    }
    if let Some(rule) = &options.error_if {
        slots.extend(quote!(error_if: #rule,));
    }
    if options.none_is_error {
        slots.extend(quote!(none_error: true,));
    }
    if slots.is_empty() {
        return quote!(#private::verdict!(#out));
    }
    quote!(#private::verdict!(#out, { #slots }))
}

/// The `err` and `ret` events of `tracing::instrument`.
fn err_ret_events(model: &Model, names: &Names) -> TokenStream {
    let event = |kind: &str, event: &ReturnEvent| {
        let Names { private, out, .. } = names;
        let kind = format_ident!("{kind}_event");
        let format = Ident::new(event.format.macro_name(), Span::call_site());
        let level = event.level.expression(private);
        let target = model
            .site
            .target
            .clone()
            .unwrap_or_else(|| quote!(#private::module_path!()));
        quote!(#private::#kind!(#out, #target, #level, #format);)
    };
    let err = model.returned.err.iter().map(|err| event("err", err));
    let ret = model
        .returned
        .ret
        .iter()
        .map(|ret| match model.returned.err {
            Some(_) => event("ret_ok", ret),
            None => event("ret", ret),
        });
    quote!(#(#err)* #(#ret)*)
}
