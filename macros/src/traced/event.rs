//! Events that a function emits.

use super::fields::{self, Field};
use super::options::EmitOptions;
use crate::grammar::args::{self, Arg};
use crate::grammar::messages as say;
use crate::grammar::options::Reader;
use crate::grammar::{Attribute, Errors};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::LitStr;

/// An event that a function emits.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) what: What,
    /// The pattern that the returned value must match; without one it must not be an error.
    pub(crate) on: Option<TokenStream>,
    pub(crate) owner: Option<LitStr>,
}

/// What is emitted.
#[derive(Clone)]
pub(crate) enum What {
    /// A name and fields.
    Literal(LitStr, Vec<Field>),
    /// An expression whose type is a declared event.
    Typed(TokenStream),
}

/// Reads `#[business_event(..)]` of a function: an event, and the options that are not the event's alone.
pub(crate) fn read(tokens: TokenStream, errors: &mut Errors) -> (Option<Event>, EmitOptions) {
    let mut options = EmitOptions::default();
    let mut reader = Reader::new(Attribute::BusinessEvent);
    let (mut name, mut typed, mut fields) = (None, None, Vec::new());
    for (n, arg) in args::read(tokens, errors).into_iter().enumerate() {
        match (n, arg) {
            (0, Arg::Text(text)) => name = Some(text),
            (0, Arg::Other(event)) => typed = Some(event),
            // A unit struct, a tuple struct, or a function that returns an event.
            (0, Arg::Word(word)) => typed = Some(quote!(#word)),
            (0, Arg::List(word, tokens)) => typed = Some(quote!(#word(#tokens))),
            (_, arg) => match reader.take(arg, &mut options, errors) {
                Ok(()) => {}
                Err(Arg::Value(key, tokens)) => {
                    fields.extend(fields::one(quote!(#key = #tokens), errors));
                }
                Err(arg) => fields.extend(fields::argument(Attribute::BusinessEvent, arg, errors)),
            },
        }
    }
    let what = match (name, typed, fields.first()) {
        (Some(name), ..) => What::Literal(name, fields),
        (None, Some(_), Some(field)) => {
            errors.push(field.span, say::EVENT_ON);
            return (None, options);
        }
        (None, Some(event), None) => What::Typed(event),
        (None, None, _) => {
            errors.push(Span::call_site(), say::EVENT_NAME);
            return (None, options);
        }
    };
    let (on, owner) = (options.on.take(), options.owner.take());
    (Some(Event { what, on, owner }), options)
}
