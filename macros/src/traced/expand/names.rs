//! Identifiers of the expansion.

use crate::traced::item::Function;
use crate::traced::model::Model;
use proc_macro2::{Ident, Span, TokenStream};

/// The identifiers of the expansion, which no identifier of the user's can clash with.
pub(crate) struct Names {
    pub(crate) private: TokenStream,
    pub(crate) call: Ident,
    /// The returned value.
    pub(crate) value: Ident,
    /// A reference to it.
    pub(crate) out: Ident,
    /// The slot that carries the return type.
    pub(crate) slot: Ident,
    /// Records what a call begins with.
    pub(crate) recorder: Ident,
}

impl Names {
    pub(crate) fn of(function: &Function, model: &Model) -> Self {
        // Compiler errors about them point at the function, also if the attribute is on an `impl` block.
        let span = function.sig.ident.span().resolved_at(Span::mixed_site());
        let ours = |name| Ident::new(name, span);
        Self {
            // Errors in macros of this path point at the function's name.
            private: model
                .krate
                .private(function.sig.ident.span().resolved_at(Span::mixed_site())),
            call: ours("__call"),
            value: ours("__value"),
            out: ours("__out"),
            slot: ours("__slot"),
            recorder: ours("__recorder"),
        }
    }

    /// Where the compiler reports errors in the wrapper: at the function's name.
    pub(crate) fn at(&self) -> Span {
        self.call.span()
    }
}
