//! From the model to tokens; cannot fail.

use super::model::{OutcomeEnum, Variant};
use crate::grammar::Krate;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

/// Writes the `Classified` impl.
pub(crate) fn outcome(outcome: &OutcomeEnum) -> TokenStream {
    let OutcomeEnum { krate, ident, .. } = outcome;
    let (generics, arguments, bounds) = outcome.generics.split_for_impl();
    let classes = outcome
        .variants
        .iter()
        .map(|variant| class_arm(krate, variant));
    let labels = outcome.variants.iter().map(|variant| {
        let (ident, text) = (&variant.ident, &variant.text);
        quote!(Self::#ident { .. } => #text,)
    });
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
    }
}

fn class_arm(krate: &Krate, variant: &Variant) -> TokenStream {
    let (ident, class) = (&variant.ident, &variant.class);
    let kind = Ident::new(class.kind.variant(), class.span);
    let http = Literal::u16_suffixed(class.http);
    let page = class.page;
    quote! {
        Self::#ident { .. } => #krate::__private::ErrorClass {
            kind: #krate::__private::ErrorKind::#kind,
            http_status: #http,
            page: #page,
        },
    }
}
