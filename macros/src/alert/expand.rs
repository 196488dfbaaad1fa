//! From the model to tokens; cannot fail.

use super::model::{Alert, Runbook};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::LitStr;

/// Writes the function and its declaration as an alert.
pub(crate) fn alert(alert: &Alert) -> TokenStream {
    let Alert {
        function,
        name,
        severity,
        summary,
        owner,
        notify,
        ..
    } = alert;
    let ident = &function.sig.ident;
    let private = alert.krate.private(ident.span());
    let runbook = alert.runbook.as_ref();
    let check = runbook.and_then(|runbook| check(alert, runbook));
    let impact = alert.impact.iter().map(|impact| quote!(, impact: #impact));
    let runbook = runbook.map(|Runbook { text, .. }| quote!(, runbook: #text));
    let notify = (!notify.is_empty()).then(|| quote!(, notify: &[#(#notify),*]));
    let declared = quote_spanned! {ident.span()=>
        #private::alert!(#ident, #severity, { name: #name, summary: #summary, owner: #owner #(#impact)* #runbook #notify });
    };
    quote! {
        #function
        #declared
        #check
    }
}

/// Checks at compile time that a runbook within the package has the heading.
fn check(alert: &Alert, runbook: &Runbook) -> Option<TokenStream> {
    let (file, anchor) = runbook.heading.as_ref()?;
    let span = runbook.text.span();
    let private = alert.krate.private(span);
    let missing = format!(
        "the runbook {} has no heading `#{}`",
        file.value(),
        anchor.value()
    );
    let missing = LitStr::new(&missing, span);
    Some(quote_spanned!(span=> #private::runbook!(#file, #anchor, #missing);))
}
