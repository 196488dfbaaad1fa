//! The patterns of parameters, and how bodies take parameters apart and borrow them.

use crate::traced::item::cfgs;
use crate::traced::types;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::collections::HashSet;
use syn::{FnArg, Pat, PatType, Receiver, ReceiverKind, Signature, Type};

/// Whether matching the pattern moves the whole value.
pub(crate) fn takes_all(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(ident) => ident.by_ref.is_none() && ident.subpat.is_none(),
        Pat::Paren(paren) => takes_all(&paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(takes_all),
        Pat::TupleStruct(tuple) => tuple.elems.iter().all(takes_all),
        Pat::Struct(fields) => {
            fields.rest.is_none() && fields.fields.iter().all(|field| takes_all(&field.pat))
        }
        _ => false,
    }
}

/// Whether the pattern binds a mutable variable.
pub(crate) fn binds_mutably(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(ident) => ident.mutability.is_some(),
        Pat::Paren(paren) => binds_mutably(&paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().any(binds_mutably),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(binds_mutably),
        Pat::Struct(fields) => fields.fields.iter().any(|field| binds_mutably(&field.pat)),
        _ => false,
    }
}

/// Whether the pattern has `ref mut`, so that the matched place must be mutable.
pub(crate) fn binds_by_mutable_reference(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(ident) => {
            (ident.by_ref.is_some() && ident.mutability.is_some())
                || ident
                    .subpat
                    .as_ref()
                    .is_some_and(|(_, pat)| binds_by_mutable_reference(pat))
        }
        Pat::Paren(paren) => binds_by_mutable_reference(&paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().any(binds_by_mutable_reference),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(binds_by_mutable_reference),
        Pat::Slice(slice) => slice.elems.iter().any(binds_by_mutable_reference),
        Pat::Struct(fields) => {
            let mut pats = fields.fields.iter().map(|field| &*field.pat);
            pats.any(binds_by_mutable_reference)
        }
        _ => false,
    }
}

/// The pattern for a reference to the value, which binds references; none if a part has no such form.
pub(crate) fn by_reference(pat: &Pat) -> Option<Pat> {
    let mut pat = pat.clone();
    strip_modes(&mut pat).then_some(pat)
}

fn strip_modes(pat: &mut Pat) -> bool {
    match pat {
        Pat::Ident(ident) => {
            ident.by_ref = None;
            ident.mutability = None;
            ident.subpat.is_none()
        }
        Pat::Paren(paren) => strip_modes(&mut paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter_mut().all(strip_modes),
        Pat::TupleStruct(tuple) => tuple.elems.iter_mut().all(strip_modes),
        Pat::Slice(slice) => slice.elems.iter_mut().all(strip_modes),
        Pat::Struct(fields) => {
            let mut pats = fields.fields.iter_mut().map(|field| &mut *field.pat);
            pats.all(strip_modes)
        }
        Pat::Rest(_) | Pat::Wild(_) => true,
        _ => false,
    }
}

/// Whether an argument is an array, which may be large.
pub(crate) fn has_array(sig: &Signature) -> bool {
    sig.inputs.iter().any(|input| match input {
        FnArg::Typed(typed) => matches!(types::plain(&typed.ty), Type::Array(_)),
        FnArg::Receiver(_) => false,
    })
}

/// Moves mutable arguments that hold references (`mut rest: &mut [u8]`) into variables of the body. A new value may borrow
/// from the old one, which the compiler rejects if the closure borrows the argument. They have no destructor, so the order
/// of drops does not change.
pub(crate) fn own_changed_references(
    sig: &mut Signature,
    used: &HashSet<String>,
    read: &HashSet<String>,
) -> TokenStream {
    let mut tokens = TokenStream::new();
    for input in &mut sig.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let holds_references =
            types::is_dropped_silently(&typed.ty) && !types::is_without_references(&typed.ty);
        let Pat::Ident(ident) = &mut *typed.pat else {
            continue;
        };
        let name = ident.ident.to_string();
        let is_changed = ident.mutability.is_some() && ident.by_ref.is_none();
        if holds_references && is_changed && used.contains(&name) && !read.contains(&name) {
            let inner = ident.clone();
            let name = &inner.ident;
            ident.mutability = None;
            let cfg = cfgs(&typed.attrs);
            tokens.extend(quote!(#(#cfg)* let #inner = #name;));
        }
    }
    tokens
}

/// Makes an async block mutably borrow the arguments that its body uses and does not move. `&mut T` is `Send` if `T` is,
/// unlike `&T`, so the block is `Send` whenever it would be if it owned them.
pub(crate) fn borrow_mutably(sig: &mut Signature, used: &HashSet<String>) -> TokenStream {
    let mut tokens = TokenStream::new();
    for input in &mut sig.inputs {
        tokens.extend(match input {
            FnArg::Receiver(receiver) if used.contains("self") => of_receiver(receiver),
            FnArg::Receiver(_) => None,
            FnArg::Typed(typed) => of_argument(typed, used),
        });
    }
    tokens
}

fn of_receiver(receiver: &mut Receiver) -> Option<TokenStream> {
    let name = Ident::new("self", receiver.self_token.span);
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => None,
        ReceiverKind::Reference(_, _, Some(_)) => Some(quote!(let _ = &mut *#name;)),
        ReceiverKind::Typed(_, ty) if matches!(types::plain(ty), Type::Reference(_)) => {
            reborrow(ty, &name)
        }
        _ => {
            if receiver.mutability.is_some() {
                return None;
            }
            receiver.mutability = Some(<_>::default());
            Some(quote!(let _ = &mut #name;))
        }
    }
}

/// `&mut *x` of an `x: &mut T`. A `&T` is `Copy`, and needs no reborrow.
fn reborrow(ty: &Type, name: &Ident) -> Option<TokenStream> {
    match types::plain(ty) {
        Type::Reference(reference) => reference.mutability.map(|_| quote!(let _ = &mut *#name;)),
        _ => None,
    }
}

fn of_argument(typed: &mut PatType, used: &HashSet<String>) -> Option<TokenStream> {
    let cfg = cfgs(&typed.attrs);
    let mut mentions = TokenStream::new();
    let ty = typed.ty.clone();
    each_name(&mut typed.pat, &mut |ident| {
        if !used.contains(&ident.ident.to_string()) {
            return;
        }
        let name = ident.ident.clone();
        if types::is_shared_freely(&ty) {
            mentions.extend(reborrow(&ty, &name));
        } else {
            // A parameter that is declared `mut` is mutated by the body, or the compiler warns.
            if ident.mutability.is_some() {
                return;
            }
            ident.mutability = Some(<_>::default());
            mentions.extend(quote!(let _ = &mut #name;));
        }
    });
    (!mentions.is_empty()).then(|| quote!(#(#cfg)* { #mentions }))
}

/// The names that a pattern binds by value.
fn each_name(pat: &mut Pat, then: &mut dyn FnMut(&mut syn::PatIdent)) {
    match pat {
        Pat::Ident(ident) if ident.by_ref.is_none() => then(ident),
        Pat::Paren(paren) => each_name(&mut paren.pat, then),
        Pat::Tuple(tuple) => tuple.elems.iter_mut().for_each(|pat| each_name(pat, then)),
        Pat::TupleStruct(tuple) => tuple.elems.iter_mut().for_each(|pat| each_name(pat, then)),
        Pat::Struct(fields) => {
            let pats = fields.fields.iter_mut().map(|field| &mut field.pat);
            pats.for_each(|pat| each_name(pat, then));
        }
        _ => {}
    }
}
