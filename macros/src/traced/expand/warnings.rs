//! Compiler warnings.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// A statement that makes the compiler warn at the span. On stable Rust, only the use of a deprecated item can do that.
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
