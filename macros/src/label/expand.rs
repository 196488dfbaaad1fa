//! From the model to tokens; cannot fail.

use super::model::{LabelEnum, Shape};
use crate::grammar::Krate;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Writes the trait impls of the enum.
pub(crate) fn label(krate: &Krate, label: &LabelEnum) -> TokenStream {
    let names = variant_label(krate, label);
    match label.shape {
        Shape::Fieldless => {
            let closed = closed_set(krate, label);
            quote!(#names #closed)
        }
        Shape::WithData => names,
    }
}

/// `VariantLabel`: the label value of a variant.
fn variant_label(krate: &Krate, label: &LabelEnum) -> TokenStream {
    let ident = &label.ident;
    let (generics, arguments, bounds) = label.generics.split_for_impl();
    let arms = label.values.iter().map(|value| {
        let (variant, text) = (&value.variant, &value.text);
        quote!(Self::#variant { .. } => #text,)
    });
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #krate::__private::VariantLabel for #ident #arguments #bounds {
            fn label(&self) -> &'static str {
                match *self { #(#arms)* }
            }
        }
    }
}

/// `Label`: a numbered set of values.
fn closed_set(krate: &Krate, label: &LabelEnum) -> TokenStream {
    let ident = &label.ident;
    let (generics, arguments, bounds) = label.generics.split_for_impl();
    let count = Literal::usize_suffixed(label.values.len());
    let (mut index, mut text) = (Vec::new(), Vec::new());
    for (at, value) in label.values.iter().enumerate() {
        let (at, variant, value) = (Literal::usize_suffixed(at), &value.variant, &value.text);
        index.push(quote!(Self::#variant { .. } => #at,));
        text.push(quote!(#at => #value,));
    }
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #krate::__private::Label for #ident #arguments #bounds {
            const CARDINALITY: usize = #count;
            fn index(self) -> usize {
                match self { #(#index)* }
            }
            fn value(index: usize) -> &'static str {
                match index { #(#text)* _ => "other" }
            }
        }
    }
}
