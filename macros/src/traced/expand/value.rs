//! The values of fields.

use crate::traced::fields::{Field, Value};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

/// A field's value.
pub(crate) fn value(field: &Field, private: &TokenStream) -> TokenStream {
    let tokens = match &field.value {
        Value::Later => return quote!(#private::None),
        Value::Argument(_, tokens) | Value::Expr(tokens) => tokens,
    };
    let span = field.span.resolved_at(Span::mixed_site());
    let format = Ident::new(field.format.macro_name(), span);
    quote_spanned!(span=> #private::#format!(#tokens))
}
