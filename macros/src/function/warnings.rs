//! What the compiler is to say without refusing the code.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// A statement that makes the compiler warn at the span: there is no other way on stable Rust than to use what is deprecated.
pub(crate) fn warning(span: Span, message: &str) -> TokenStream {
    quote_spanned! {span=>
        #[warn(deprecated)]
        {
            #[deprecated(note = #message)]
            const INSTRUMENT: () = ();
            let _ = INSTRUMENT;
        }
    }
}
