//! Which arguments tokens mention: every word counts, as macros may use any of them.

use super::event::{Event, What};
use super::fields::{Field, Value};
use proc_macro2::{Ident, TokenStream, TokenTree};

/// Adds the words of the tokens, to any depth.
pub(crate) fn collect(tokens: TokenStream, words: &mut Vec<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => words.push(word),
            TokenTree::Group(group) => collect(group.stream(), words),
            _ => {}
        }
    }
}

/// The words in the values of fields.
pub(crate) fn of_fields(fields: &[Field]) -> Vec<Ident> {
    let mut words = Vec::new();
    for field in fields {
        if let Value::Argument(_, tokens) | Value::Expr(tokens) = &field.value {
            collect(tokens.clone(), &mut words);
        }
    }
    words
}

/// The arguments that events mention.
pub(crate) fn in_events(events: &[Event], arguments: &[Ident]) -> Vec<Ident> {
    let mut words = Vec::new();
    for event in events {
        match &event.what {
            What::Typed(event) => collect(event.clone(), &mut words),
            What::Literal(_, fields) => words.extend(of_fields(fields)),
        }
    }
    let mentioned = arguments.iter().filter(|argument| words.contains(argument));
    mentioned.cloned().collect()
}
