//! Code that never runs, from which the compiler infers the type of a body before it checks the body.
//!
//! An expected type decides coercions and the types of closures. A slot is a value whose type the compiler infers from a
//! `return` that never runs: in the function, the slot gets the declared type, with its elided lifetimes, `Self` and `impl
//! Trait`; at the top of the body, it gives the body this type.

use super::names::Names;
use crate::traced::item::Function;
use crate::traced::tail::Tail;
use crate::traced::types;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Type;

/// Declares the slot and gives it the function's return type.
pub(crate) fn declare_slot(names: &Names) -> TokenStream {
    let (private, slot) = (&names.private, &names.slot);
    quote_spanned!(names.at()=> let #slot = #private::slot(); if false { return #slot.declared(); })
}

/// Gives the body the type of the slot. Written at the top of the body.
pub(crate) fn return_type_hint(names: &Names) -> TokenStream {
    let slot = &names.slot;
    quote_spanned!(names.at()=> if false { return #slot.returned(); })
}

/// The slot of an async function, if it needs one, and the hint at the top of its body. A type that can be repeated
/// compiles faster than a slot.
pub(crate) fn of_async(function: &Function, names: &Names) -> (TokenStream, TokenStream) {
    let private = &names.private;
    match function.output() {
        Some(Type::Never(_)) => <_>::default(),
        Some(ty) if !types::is_nameable(ty) => (declare_slot(names), return_type_hint(names)),
        Some(ty) => (
            TokenStream::new(),
            quote_spanned!(names.at()=> if false { return #private::never::<#ty>(); }),
        ),
        None => (
            TokenStream::new(),
            quote_spanned!(names.at()=> if false { return #private::never::<()>(); }),
        ),
    }
}

/// The slot for the output of a boxed async block at the end of a body. Written before the block.
pub(crate) fn before_tail(tail: &Tail, names: &Names) -> TokenStream {
    if tail.output.is_some() || tail.boxed.is_none() {
        return TokenStream::new();
    }
    let slot = &names.slot;
    let declared = declare_slot(names);
    quote_spanned!(names.at()=> #declared let #slot = #slot.output();)
}

/// The hint at the top of that block. A type that is spelled is repeated: a slot would be part of the block, which may
/// have to outlive its output.
pub(crate) fn of_tail(tail: &Tail, names: &Names) -> TokenStream {
    let private = &names.private;
    match &tail.output {
        Some(output) => {
            let output = types::nameable(output);
            quote_spanned!(names.at()=> if false { return #private::never::<#output>(); })
        }
        None if tail.boxed.is_some() => return_type_hint(names),
        None => TokenStream::new(),
    }
}

/// The slot for `-> impl Future`, with its output if that is spelled.
pub(crate) fn future_slot(output: Option<&Type>, names: &Names) -> TokenStream {
    opaque_slot("future_slot", "any_future_slot", output, names)
}

/// The slot for `-> impl Stream`, with its item if that is spelled.
pub(crate) fn stream_slot(item: Option<&Type>, names: &Names) -> TokenStream {
    opaque_slot("stream_slot", "any_stream_slot", item, names)
}

fn opaque_slot(known: &str, any: &str, inner: Option<&Type>, names: &Names) -> TokenStream {
    let (private, slot) = (&names.private, &names.slot);
    if let Some(inner) = inner {
        let known = Ident::new(known, Span::mixed_site());
        let inner = types::nameable(inner);
        quote_spanned!(names.at()=> let #slot = #private::#known::<#inner, _>();)
    } else {
        let any = Ident::new(any, Span::mixed_site());
        quote_spanned!(names.at()=> let #slot = #private::#any();)
    }
}
