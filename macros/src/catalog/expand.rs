//! From the model to tokens; cannot fail.

use super::model::{Catalog, Entry, KindWord, Metric, Module};
use crate::grammar::Krate;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

/// Writes the module with a body in each function.
pub(crate) fn catalog(catalog: &Catalog) -> TokenStream {
    module(
        &catalog.root,
        &|metric| body(&catalog.krate, metric),
        &catalog.krate,
    )
}

/// Writes the module of a catalog with mistakes: its functions can be called,
/// so that the mistakes are the only errors, and do nothing.
pub(crate) fn stubs(catalog: &Catalog) -> TokenStream {
    module(&catalog.root, &|_| quote!(loop {}), &catalog.krate)
}

fn module(module: &Module, body: &dyn Fn(&Metric) -> TokenStream, krate: &Krate) -> TokenStream {
    let Module {
        attrs,
        vis,
        ident,
        inner,
        entries,
    } = module;
    let entries = entries.iter().map(|entry| match entry {
        Entry::Metric(metric) => function(metric, &body(metric), krate),
        Entry::Module(inner) => self::module(inner, body, krate),
        Entry::Other(item) => quote!(#item),
    });
    quote! {
        #(#attrs)*
        #vis mod #ident {
            #(#inner)*
            #[allow(unused_imports, clippy::wildcard_imports)]
            use super::*;
            #(#entries)*
        }
    }
}

/// The function of one metric.
fn function(metric: &Metric, body: &TokenStream, krate: &Krate) -> TokenStream {
    let Metric {
        attrs, vis, sig, ..
    } = metric;
    let (name, generics, inputs) = (&sig.ident, &sig.generics, &sig.inputs);
    let doc = doc_line(metric);
    let returns = return_type(metric, krate);
    quote! {
        #(#attrs)*
        #[doc = ""]
        #[doc = #doc]
        #vis fn #name #generics (#inputs) -> #returns {
            #body
        }
    }
}

/// The handle of the family with the labels of this call.
fn body(krate: &Krate, metric: &Metric) -> TokenStream {
    let Metric {
        name, help, labels, ..
    } = metric;
    let span = metric.sig.ident.span();
    let (private, kind) = (krate.private(span), metric.kind.word.family_word());
    let (kind, unit) = (Ident::new(kind, span), metric.unit.path(krate));
    let keys = labels
        .iter()
        .map(|label| Ident::new(&label.key, label.ident.span()));
    let types = labels.iter().map(|label| &label.ty);
    let values = labels.iter().map(|label| &label.ident);
    let options = options(metric);
    let family = quote_spanned! { span =>
        #private::family!(#kind, #name, #help, #unit, [#(#keys: #types),*], { #options })
    };
    let handle = handle(metric, krate, Span::mixed_site());
    quote!(#handle::of(#family, (#(#values,)*)))
}

/// The fields of the declaration that the function says more of.
fn options(metric: &Metric) -> TokenStream {
    let mut series = Literal::usize_suffixed(metric.budget.series);
    series.set_span(metric.budget.span);
    let owner = metric.owner.as_ref().map(|owner| quote!(, owner: #owner));
    quote!(budget: #series #owner)
}

/// The type a caller gets, at the token that named it.
fn return_type(metric: &Metric, krate: &Krate) -> TokenStream {
    let kind = Ident::new(metric.kind.word.type_name(), metric.kind.span);
    let unit = metric.unit.path(krate);
    match metric.kind.word {
        KindWord::Histogram => quote!(#krate::__private::#kind<#unit>),
        KindWord::Counter | KindWord::Gauge => quote!(#krate::__private::#kind),
    }
}

/// The same type in expression position.
fn handle(metric: &Metric, krate: &Krate, span: Span) -> TokenStream {
    let kind = Ident::new(metric.kind.word.type_name(), span);
    let unit = metric.unit.path(krate);
    match metric.kind.word {
        KindWord::Histogram => quote!(#krate::__private::#kind::<#unit>),
        KindWord::Counter | KindWord::Gauge => quote!(#krate::__private::#kind),
    }
}

/// What rustdoc says of the metric: kind, name, unit, labels.
fn doc_line(metric: &Metric) -> String {
    let kind = metric.kind.word.type_name();
    let unit = metric
        .unit
        .word()
        .map_or(String::new(), |word| format!(" in {word}"));
    let keys: Vec<String> = metric
        .labels
        .iter()
        .map(|label| format!("`{}`", label.key))
        .collect();
    let labels = if keys.is_empty() {
        String::new()
    } else {
        format!(", labels: {}", keys.join(", "))
    };
    format!("{kind} `{}`{unit}{labels}.", metric.name)
}
