//! From the model to tokens; cannot fail.

mod captures;
mod events;
mod expressions;
mod hints;
mod inspect;
mod moved_arguments;
mod names;
mod on_failure;
mod params;
mod site;
mod value;
mod warnings;
mod words;
mod wrap;

use crate::traced::form::Form;
use crate::traced::item::{Function, block};
use crate::traced::model::Model;
use captures::Captures;
use names::Names;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use wrap::Wrapper;

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
    let wrapper = Wrapper {
        function,
        body,
        model,
        names: &names,
    };
    let whole = wrapped(&wrapper, captures);
    let rest =
        quote!(#unused #(#warnings)* #(#[allow(unused_imports)] use #folded as _;)* #copy #whole);
    let mut tokens = TokenStream::new();
    function.head(&sig, &mut tokens);
    block(quote!(#inner #changes), rest, body).to_tokens(&mut tokens);
    tokens
}

/// The call and the body in it.
fn wrapped(wrapper: &Wrapper<'_>, captures: Captures) -> TokenStream {
    let Wrapper {
        function,
        model,
        names,
        ..
    } = wrapper;
    let copies = events::prepare(model, names);
    let clones = on_failure::prepare(model, names);
    let call = site::call(function, model, &captures.outer, names);
    let name = &names.call;
    // A future takes the call as an expression, which compiles faster than a variable that unwinding has to drop.
    let is_expression = matches!(model.form, Form::Async { .. }) && !model.reads_on_failure();
    let (first, begun) = if is_expression {
        (TokenStream::new(), call)
    } else {
        (
            quote_spanned!(names.at()=> let #name = #call;),
            quote!(#name),
        )
    };
    let run = wrapper.run(captures, &begun);
    let inside = quote!(#copies #clones #first #run);
    match &model.form {
        Form::Tail(tail) => {
            let before = &tail.before;
            let slot = hints::before_tail(tail, names);
            // At the block, which is where the compiler reports what the block must outlive.
            let at = tail.block.span().resolved_at(Span::mixed_site());
            let block = quote_spanned!(at=> async move { #inside });
            match &tail.boxed {
                Some(boxed) => quote_spanned!(at=> #before #slot #boxed(#block)),
                None => quote!(#before #slot #block),
            }
        }
        _ => inside,
    }
}
