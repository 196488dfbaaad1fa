//! Stacked attributes are one wrapper: the outermost takes in those below it that it knows by name.

use super::item::Function;
use super::messages as say;
use super::options::{Kind, Options};
use crate::grammar::Errors;
use proc_macro2::TokenStream;
use syn::{Attribute, Meta};

/// Which of ours an attribute is. `tracing::instrument` is not ours.
fn ours(attr: &Attribute) -> Option<Kind> {
    let path = attr.path();
    let last = path.segments.last()?;
    let by_name = Kind::ALL
        .into_iter()
        .find(|kind| last.ident == kind.name())?;
    let foreign = path.segments.len() > 1 && path.segments[0].ident == "tracing";
    // A bare `instrument` below may be `tracing`'s.
    let unsure = by_name == Kind::Instrument && path.segments.len() == 1;
    (!foreign && !unsure).then_some(by_name)
}

/// Takes the siblings off the function and adds what they say.
pub(crate) fn siblings(function: &mut Function, options: &mut Options, errors: &mut Errors) {
    let all = std::mem::take(&mut function.attrs);
    for attr in all {
        let Some(kind) = ours(&attr) else {
            function.attrs.push(attr);
            continue;
        };
        let again = match kind {
            Kind::Traced | Kind::Instrument => options.traced,
            Kind::CaptureErrors => options.capture,
            Kind::BusinessEvent => false,
        };
        if again {
            errors.at(attr.path(), say::attribute_twice(kind.name()));
            continue;
        }
        if let Some(name) = attr.path().get_ident() {
            options.folded.push(name.clone());
        }
        options.read(kind, arguments(&attr), errors);
    }
}

/// Takes ours off, where there was a mistake: each would report it again.
pub(crate) fn remove_ours(function: &mut Function) {
    function.attrs.retain(|attr| ours(attr).is_none());
}

/// Whether a function has an attribute of ours that opens a span.
pub(crate) fn position_of_traced(attrs: &[Attribute]) -> Option<usize> {
    attrs
        .iter()
        .position(|attr| matches!(ours(attr), Some(Kind::Traced | Kind::Instrument)))
}

pub(crate) fn arguments(attr: &Attribute) -> TokenStream {
    match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}
