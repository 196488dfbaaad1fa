//! From the model to tokens; cannot fail.

use super::model::{Event, Field, Format};
use crate::grammar::Krate;
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

/// Writes the struct, its `Event` impl and `emit`.
pub(crate) fn event(event: &Event) -> TokenStream {
    let Event { krate, item, .. } = event;
    let must_use = must_use(item);
    let ident = &item.ident;
    let (generics, arguments, bounds) = item.generics.split_for_impl();
    let (site, record, emit) = (site(event), record(event), emit(event));
    quote! {
        #must_use
        #item

        #[automatically_derived]
        impl #generics #krate::__private::Event for #ident #arguments #bounds {
            #site
            #record
        }

        impl #generics #ident #arguments #bounds {
            #emit
        }
    }
}

/// Writes the struct of an event with mistakes: it can be emitted, so that the
/// mistakes are the only errors.
pub(crate) fn stub(item: &syn::ItemStruct, krate: &Krate) -> TokenStream {
    let (ident, vis) = (&item.ident, &item.vis);
    let (generics, arguments, bounds) = item.generics.split_for_impl();
    quote! {
        #item
        #[automatically_derived]
        impl #generics #krate::__private::Event for #ident #arguments #bounds {
            fn site() -> &'static #krate::__private::EventSite { loop {} }
            fn record(&self, _: &mut #krate::__private::EventRecorder<'_>) {}
        }
        impl #generics #ident #arguments #bounds {
            #[allow(dead_code)]
            #vis fn emit(&self) {}
        }
    }
}

/// An event that is built and not emitted is a mistake.
fn must_use(item: &syn::ItemStruct) -> Option<TokenStream> {
    let given = item
        .attrs
        .iter()
        .any(|attr| attr.path().is_ident("must_use"));
    (!given)
        .then(|| quote!(#[must_use = "an event tells nobody until it is emitted: call `.emit()`"]))
}

/// The declaration of the event.
fn site(event: &Event) -> TokenStream {
    let Event {
        krate,
        name,
        help,
        fields,
        ..
    } = event;
    let span = event.item.ident.span();
    let keys = fields.iter().map(|field| &field.key);
    let labels = event.labels().map(|field| {
        let (key, ty) = (Ident::new(&field.key, field.ident.span()), &field.ty);
        quote!(#key: #ty)
    });
    let measures = event.measures().map(|(field, unit)| {
        let (key, unit) = (&field.key, unit.path(krate));
        quote!(#key: #unit)
    });
    let owner = event.owner.as_ref().map(|owner| quote!(, owner: #owner));
    let private = krate.private(span);
    let site = quote_spanned! { span =>
        #private::event_site!(
            #name, [#(#keys),*], [#(#labels),*], [#(#measures),*], { help: #help #owner }
        )
    };
    quote! {
        fn site() -> &'static #krate::__private::EventSite {
            #site
        }
    }
}

/// Hands over the fields, labels and measures of one event.
fn record(event: &Event) -> TokenStream {
    let krate = &event.krate;
    let values = event.fields.iter().map(|field| value(krate, field));
    let labels = event.labels().map(|field| &field.ident);
    let measures = event.measures().map(|(field, _)| {
        let (ident, this) = (&field.ident, this());
        let private = krate.private(ident.span());
        quote_spanned!(ident.span()=> #private::measure!(#this.#ident))
    });
    quote! {
        fn record(&self, __r: &mut #krate::__private::EventRecorder<'_>) {
            #krate::__private::record!(__r, [#(#values),*]);
            __r.labels((#(self.#labels,)*));
            __r.measures(&[#(#measures),*]);
        }
    }
}

fn value(krate: &Krate, field: &Field) -> TokenStream {
    let (ident, this) = (&field.ident, this());
    let how = match field.format {
        Format::ByType => "value",
        Format::Display => "display",
        Format::Debug => "debug",
    };
    let (private, how) = (krate.private(ident.span()), Ident::new(how, ident.span()));
    quote_spanned!(ident.span()=> #private::#how!(#this.#ident))
}

/// `self` as the method's head spells it: inside a `macro_rules!` the field's
/// own span would name another `self`.
fn this() -> TokenStream {
    quote!(self)
}

/// The method users call.
fn emit(event: &Event) -> TokenStream {
    let (krate, vis) = (&event.krate, &event.item.vis);
    let doc = format!("Emits the business event `{}`.", event.name.value());
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #vis fn emit(&self) {
            #krate::__private::emit(self);
        }
    }
}
