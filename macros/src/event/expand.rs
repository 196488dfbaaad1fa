//! From the model to tokens; cannot fail.

use super::model::{Event, Field};
use crate::grammar::Krate;
use crate::grammar::limits::Budget;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

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

/// Writes an event that has mistakes: it has `emit`, so that callers cause no further errors.
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

/// Warns about an event that is built and not emitted.
fn must_use(item: &syn::ItemStruct) -> Option<TokenStream> {
    let given = item
        .attrs
        .iter()
        .any(|attr| attr.path().is_ident("must_use"));
    (!given)
        .then(|| quote!(#[must_use = "an event has no effect until it is emitted: call `.emit()`"]))
}

/// The method with the static site of the event.
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
    let budget = event.budget.as_ref().map(Budget::literal);
    let budget = budget.map(|series| quote!(, budget: #series));
    let private = krate.private(span);
    let site = quote_spanned! { span =>
        #private::event_site!(
            #name, [#(#keys),*], [#(#labels),*], [#(#measures),*], { help: #help #owner #budget }
        )
    };
    quote! {
        fn site() -> &'static #krate::__private::EventSite {
            #site
        }
    }
}

/// The method that records the fields, labels and measures of an event.
fn record(event: &Event) -> TokenStream {
    let krate = &event.krate;
    let at = event.item.ident.span();
    let values = event.fields.iter().map(|field| value(event, field));
    // At the span of its type, which is where a type that is not a `Label` is reported.
    let labels = event
        .labels()
        .map(|field| read(event, field, field.ty.span()))
        .map(|label| quote!(#krate::__private::label!(#label)));
    let labels = quote_spanned!(at=> (#(#labels,)*));
    let measures = event.measures().map(|(field, _)| {
        let at = field.ident.span();
        let (private, field) = (krate.private(at), read(event, field, at));
        quote_spanned!(at=> #private::measure!(#field))
    });
    let (this, recorder) = (this(event, at), Ident::new("__r", Span::mixed_site()));
    quote! {
        fn record(&#this, #recorder: &mut #krate::__private::EventRecorder<'_>) {
            #krate::__private::record!(#recorder, [#(#values),*]);
            #recorder.labels(#labels);
            #recorder.measures(&[#(#measures),*]);
        }
    }
}

/// A field for the log record.
fn value(event: &Event, field: &Field) -> TokenStream {
    let at = field.ident.span();
    let (private, how) = (
        event.krate.private(at),
        Ident::new(field.format.macro_name(), at),
    );
    let field = read(event, field, at);
    quote_spanned!(at=> #private::#how!(#field))
}

/// The field of the event; errors about it point at `at`.
fn read(event: &Event, field: &Field, at: Span) -> TokenStream {
    let (this, mut ident) = (this(event, at), field.ident.clone());
    ident.set_span(this.span());
    quote_spanned!(this.span()=> #this.#ident)
}

/// `self`, with the hygiene that the head and the body of the method share, also if a `macro_rules!` generated the struct or a
/// field.
fn this(event: &Event, at: Span) -> Ident {
    Ident::new("self", event.item.ident.span().located_at(at))
}

/// The method that emits the event.
fn emit(event: &Event) -> TokenStream {
    let (krate, vis) = (&event.krate, &event.item.vis);
    let doc = format!(" Emits the business event `{}`.", event.name.value());
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #vis fn emit(&self) {
            #krate::__private::emit(self);
        }
    }
}
