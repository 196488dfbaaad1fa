//! The path of the runtime in expansions.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

/// The runtime's crate: `::instrumental`, or the path in `crate = path`.
#[derive(Clone, Default)]
pub(crate) struct Krate(Option<Path>);

impl Krate {
    /// The crate at the path, or `::instrumental`.
    pub(crate) fn at(path: Option<Path>) -> Self {
        Krate(path)
    }

    /// The module that expansions use, spelled at `span`. If a macro is called through this path, its errors and its
    /// `line!()` have the location of the span.
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
