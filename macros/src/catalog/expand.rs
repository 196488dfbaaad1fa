//! From the model to tokens; cannot fail.

use super::model::{Catalog, Entry, KindWord, Label, Metric, Module};
use crate::grammar::Krate;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

/// Writes the module with a body in each function.
pub(crate) fn catalog(catalog: &Catalog) -> TokenStream {
    module(&catalog.root, &catalog.krate, &|metric| {
        body(&catalog.krate, metric)
    })
}

/// Writes a catalog that has mistakes: its functions exist, so that callers cause no further errors.
pub(crate) fn stubs(catalog: &Catalog) -> TokenStream {
    let stubs = module(&catalog.root, &catalog.krate, &|_| quote!(loop {}));
    quote!(#[allow(unused_variables)] #stubs)
}

fn module(module: &Module, krate: &Krate, body: &dyn Fn(&Metric) -> TokenStream) -> TokenStream {
    let Module {
        attrs,
        vis,
        ident,
        inner,
        entries,
    } = module;
    let entries = entries.iter().map(|entry| match entry {
        Entry::Metric(metric) => function(metric, krate, &body(metric)),
        Entry::Module(inner) => self::module(inner, krate, body),
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

/// The function of one metric. Its head keeps the user's tokens, as the compiler's "defined here" points at them.
fn function(metric: &Metric, krate: &Krate, body: &TokenStream) -> TokenStream {
    let Metric {
        attrs, vis, sig, ..
    } = metric;
    let (fn_token, name, generics, inputs) = (sig.fn_token, &sig.ident, &sig.generics, &sig.inputs);
    let (doc, returns) = (doc_line(metric), return_type(metric, krate));
    let inputs = quote_spanned!(sig.paren_token.span.join()=> (#inputs));
    let body = quote_spanned!(name.span()=> { #body });
    quote! {
        #(#attrs)*
        #[doc = ""]
        #[doc = #doc]
        #vis #fn_token #name #generics #inputs -> #returns #body
    }
}

/// The body: the handle of the metric for the labels of this call.
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
    let values = labels.iter().map(|label| value(label, &private));
    let options = options(metric);
    let family = quote_spanned! { span =>
        #private::family!(#kind, #name, #help, #unit, [#(#keys: #types),*], { #options })
    };
    let handle = handle(metric, krate);
    let values = quote_spanned!(metric.sig.paren_token.span.join()=> (#(#values,)*));
    quote!(#handle::of(#family, #values))
}

/// The budget and owner of the metric.
fn options(metric: &Metric) -> TokenStream {
    let series = metric.budget.literal();
    let owner = metric.owner.as_ref().map(|owner| quote!(, owner: #owner));
    quote!(budget: #series #owner)
}

/// The return type, at the token that names it.
fn return_type(metric: &Metric, krate: &Krate) -> TokenStream {
    let span = metric.kind.span;
    let (private, kind) = (
        krate.private(span),
        Ident::new(metric.kind.word.type_name(), span),
    );
    let unit = metric.unit.path(krate);
    match metric.kind.word {
        KindWord::Histogram => quote_spanned!(span=> #private::#kind<#unit>),
        KindWord::Counter | KindWord::Gauge => quote_spanned!(span=> #private::#kind),
    }
}

/// The same type in expression position, hygienic so that tools do not resolve it to the user's code.
fn handle(metric: &Metric, krate: &Krate) -> TokenStream {
    let kind = Ident::new(metric.kind.word.type_name(), Span::mixed_site());
    match metric.kind.word {
        KindWord::Histogram => {
            let unit = metric.unit.path(krate);
            quote!(#krate::__private::#kind::<#unit>)
        }
        KindWord::Counter | KindWord::Gauge => quote!(#krate::__private::#kind),
    }
}

/// The argument, at the span of its type, which is where a type that is not a `Label` is reported.
fn value(label: &Label, private: &TokenStream) -> TokenStream {
    let mut value = label.ident.clone();
    value.set_span(value.span().located_at(label.ty.span()));
    quote!(#private::label!(#value))
}

/// The line that is added to the doc comment: kind, name, unit, labels.
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
    format!(" {kind} `{}`{unit}{labels}.", metric.name)
}
