//! Where expansions find the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

/// The runtime's crate: `::instrumental`, or what `crate = path` says.
#[derive(Clone, Default)]
pub(crate) struct Krate(Option<Path>);

impl Krate {
    /// As `crate = path` says, if it says so.
    pub(crate) fn at(path: Option<Path>) -> Self {
        Krate(path)
    }

    /// The path to what expansions may name, spelled at `span`: an error of
    /// the macro called there, and its `line!()`, are those of the span.
    pub(crate) fn private(&self, span: Span) -> TokenStream {
        match &self.0 {
            Some(path) => quote_spanned!(span=> #path::__private),
            None => quote_spanned!(span=> ::instrumental::__private),
        }
    }
}

impl ToTokens for Krate {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote!(::instrumental)),
        }
    }
}
