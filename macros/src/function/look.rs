//! How what came out of a body is looked at.

use super::expand::Names;
use super::model::{Describe, Model};
use super::options::Format;
use super::{expand_event, expand_failure};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

/// Whether an option looks at the value, whatever its type.
pub(crate) fn is_needed(model: &Model) -> bool {
    let options = &model.options;
    !is_silent(model) || options.error_if.is_some() || options.none_error
}

/// Whether the look is the verdict that the value's type gives: a closure that captures nothing.
pub(crate) fn is_plain(model: &Model) -> bool {
    !is_needed(model) && model.options.ignore.is_empty()
}

/// Whether nothing but the verdict is wanted.
fn is_silent(model: &Model) -> bool {
    let options = &model.options;
    options.events.is_empty()
        && options.err.is_none()
        && options.ret.is_none()
        && !expand_failure::is_asked(model)
}

/// The closure that looks at a value.
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

/// Looks at a value, and tells whoever wants to know. Its verdict is left in a variable.
pub(crate) fn statements(model: &Model, names: &Names, found: &Ident) -> TokenStream {
    let verdict = verdict(model, names);
    let events = expand_event::emit(model, names, found);
    let written = written(model, names);
    let kept = expand_failure::told(model, found);
    quote!(let #found = #verdict; #written #events #kept)
}

fn verdict(model: &Model, names: &Names) -> TokenStream {
    let Names { private, out, .. } = names;
    let options = &model.options;
    // Nor is its type asked what it is: a closure's may not be known yet.
    if model.infallible {
        return match &options.error_if {
            Some(rule) => quote! {
                if #private::verdict::rule(#out, #rule) {
                    #private::verdict::by_rule()
                } else {
                    #private::Verdict::Ok
                }
            },
            None if options.none_error => quote!(#private::verdict::by_none(#out)),
            None => quote!(#private::Verdict::Ok),
        };
    }
    let error = Ident::new("__error", Span::mixed_site());
    let mut slots = TokenStream::new();
    if let Some(describe) = describe(model) {
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
    if options.none_error {
        slots.extend(quote!(none_error: true,));
    }
    if slots.is_empty() {
        return quote!(#private::verdict!(#out));
    }
    quote!(#private::verdict!(#out, { #slots }))
}

/// How the error is described, where that is not by the best trait it has.
fn describe(model: &Model) -> Option<&'static str> {
    let narrow = (model.describe == Describe::Narrow).then_some("narrow");
    model.options.describe.or(narrow)
}

/// The `err` and `ret` events of `tracing::instrument`.
fn written(model: &Model, names: &Names) -> TokenStream {
    let options = &model.options;
    let event = |kind: &str, format: &Format, default: &str| {
        let Names { private, out, .. } = names;
        let kind = format_ident!("{kind}_event");
        let how = Ident::new(
            if format.debug { "debug" } else { "display" },
            Span::call_site(),
        );
        let level = level_of(format, private, default, model);
        let target = options
            .target
            .clone()
            .unwrap_or_else(|| quote!(#private::module_path!()));
        quote!(#private::#kind!(#out, #target, #level, #how);)
    };
    let err = options
        .err
        .iter()
        .map(|format| event("err", format, "ERROR"));
    let ret = options.ret.iter().map(|format| {
        let kind = if options.err.is_some() {
            "ret_ok"
        } else {
            "ret"
        };
        event(kind, format, "")
    });
    quote!(#(#err)* #(#ret)*)
}

fn level_of(format: &Format, private: &TokenStream, default: &str, model: &Model) -> TokenStream {
    let given = format.level.as_ref().and_then(|(key, value)| {
        // Checked when the options were read.
        super::values::level(value, key, private, &mut crate::grammar::Errors::default())
    });
    given.unwrap_or_else(|| match (default, &model.level) {
        ("", Some(level)) => level.clone(),
        ("", None) => quote!(#private::Level::INFO),
        (name, _) => {
            let name = Ident::new(name, Span::call_site());
            quote!(#private::Level::#name)
        }
    })
}
