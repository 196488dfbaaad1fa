//! From the model to tokens; cannot fail.

use super::class::Class;
use super::model::{Inner, Meaning, OutcomeEnum, Variant};
use crate::grammar::Krate;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Generics, parse_quote_spanned};

/// Writes the `Classified` impl.
pub(crate) fn outcome(outcome: &OutcomeEnum) -> TokenStream {
    let OutcomeEnum {
        krate,
        ident,
        variants,
        ..
    } = outcome;
    let with_bounds = bounded(outcome);
    let (generics, arguments, bounds) = with_bounds.split_for_impl();
    let classes = variants.iter().map(|variant| class_arm(krate, variant));
    let labels = variants.iter().map(|variant| label_arm(krate, variant));
    let classifier = outcome
        .generics
        .params
        .is_empty()
        .then(|| quote!(#krate::__private::classifier!(#ident);));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #krate::__private::Classified for #ident #arguments #bounds {
            fn class(&self) -> #krate::__private::ErrorClass {
                match *self { #(#classes)* }
            }
            fn label(&self) -> &'static str {
                match *self { #(#labels)* }
            }
        }
        #classifier
    }
}

/// The generics, with the bound that what is inside a transparent variant is classified.
fn bounded(outcome: &OutcomeEnum) -> Generics {
    let mut generics = outcome.generics.clone();
    if generics.type_params().next().is_none() {
        return generics;
    }
    let krate = &outcome.krate;
    for variant in &outcome.variants {
        if let Meaning::OfInner(inner) = &variant.meaning {
            let ty = &inner.ty;
            let bound = parse_quote_spanned!(ty.span()=> #ty: #krate::__private::Classified);
            generics.make_where_clause().predicates.push(bound);
        }
    }
    generics
}

fn class_arm(krate: &Krate, variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    match &variant.meaning {
        Meaning::OfInner(inner) => of_inner(krate, variant, inner, "class"),
        Meaning::Own(class) => {
            let class = class_value(krate, class);
            quote!(Self::#ident { .. } => #class,)
        }
    }
}

fn label_arm(krate: &Krate, variant: &Variant) -> TokenStream {
    let (ident, text) = (&variant.ident, &variant.text);
    match &variant.meaning {
        Meaning::OfInner(inner) if !inner.labelled => of_inner(krate, variant, inner, "label"),
        _ => quote!(Self::#ident { .. } => #text,),
    }
}

/// The class or label of the error inside. A type that has none is reported at the field's type.
fn of_inner(krate: &Krate, variant: &Variant, inner: &Inner, what: &str) -> TokenStream {
    let (ident, Inner { member, ty, .. }) = (&variant.ident, inner);
    let span = ty.span().resolved_at(Span::mixed_site());
    let what = Ident::new(what, span);
    let found = Ident::new("__inner", span);
    let says = quote_spanned!(span=> #krate::__private::Classified::#what(#found));
    quote!(Self::#ident { #member: ref #found } => #says,)
}

fn class_value(krate: &Krate, class: &Class) -> TokenStream {
    let kind = Ident::new(class.kind.variant(), class.span);
    let http = Literal::u16_suffixed(class.http);
    let page = class.page;
    quote! {
        #krate::__private::ErrorClass {
            kind: #krate::__private::ErrorKind::#kind,
            http_status: #http,
            page: #page,
        }
    }
}
