//! From the model to tokens; cannot fail.

pub(super) mod events;
mod moved_arguments;
pub(super) mod names;
pub(super) mod on_failure;
mod site;
mod value;
mod warnings;

use super::captures::Captures;
use super::wrap;
use crate::function::form::Form;
use crate::function::item::{Function, block};
use crate::function::model::Model;
use names::Names;
use proc_macro2::{Group, TokenStream};
use quote::{ToTokens as _, quote};

/// Writes the function with its wrapper.
pub(crate) fn function(function: &Function, model: &Model) -> TokenStream {
    let Some(body) = &function.body else {
        return quote!(#function);
    };
    let names = Names::of(function, model);
    let mut sig = function.sig.clone();
    let captures = wrap::plan(&mut sig, body, model);
    // On the whole function, as the lint reports its parameters.
    let changes = captures
        .changes
        .then(|| quote!(#![allow(unused_assignments)]));
    let inner = &function.inner;
    // The attributes that share this wrapper were removed, which would leave their imports unused.
    let folded = &model.folded;
    let warnings = model.warnings.iter();
    let warnings = warnings.map(|(span, message)| warnings::warning(*span, message));
    let copy = moved_arguments::require_copy(function, model);
    let unused = captures.unused.clone();
    let whole = wrapped(function, captures, body, model, &names);
    let rest =
        quote!(#unused #(#warnings)* #(#[allow(unused_imports)] use #folded as _;)* #copy #whole);
    let mut tokens = TokenStream::new();
    function.head(&sig, &mut tokens);
    block(quote!(#inner #changes), rest, body).to_tokens(&mut tokens);
    tokens
}

/// The call and the body in it.
fn wrapped(
    function: &Function,
    captures: Captures,
    body: &Group,
    model: &Model,
    names: &Names,
) -> TokenStream {
    let copies = events::prepare(model, names);
    let clones = on_failure::prepare(model, names);
    let call = site::call(function, model, &captures.outer, names);
    let name = &names.call;
    // A future takes the call as an expression, which compiles faster than a variable that unwinding has to drop.
    let is_expression = matches!(model.form, Form::Async { .. }) && !model.reads_on_failure();
    let (first, begun) = if is_expression {
        (TokenStream::new(), call)
    } else {
        (quote!(let #name = #call;), quote!(#name))
    };
    let run = wrap::run(function, captures, body, model, (names, &begun));
    let inside = quote!(#copies #clones #first #run);
    match &model.form {
        Form::Tail(tail) => {
            let before = &tail.before;
            let slot = wrap::before_tail(tail, names);
            match &tail.boxed {
                Some(boxed) => quote!(#before #slot #boxed(async move { #inside })),
                None => quote!(#before #slot async move { #inside }),
            }
        }
        _ => inside,
    }
}
