//! The words in the expressions of a function's attributes, which may name arguments.

use super::words::words as of;
use crate::traced::event::What;
use crate::traced::fields::{Field, Value};
use crate::traced::model::{Model, Parent};
use proc_macro2::TokenStream;
use std::collections::HashSet;

/// Words, by how the arguments that they name are used.
pub(crate) struct Words {
    /// Read before the body runs, or copied.
    pub(crate) expressions: HashSet<String>,
    /// Recorded as they are.
    pub(crate) recorded: HashSet<String>,
    /// Possibly moved.
    pub(crate) taken: HashSet<String>,
}

/// The words of everything that is evaluated when a call begins or ends.
pub(crate) fn words(model: &Model) -> Words {
    let (mut read, mut recorded, mut taken) = <(TokenStream, TokenStream, TokenStream)>::default();
    each(&model.fields, &mut read, &mut recorded);
    for event in &model.events {
        match &event.what {
            What::Typed(tokens) => read.extend(tokens.clone()),
            What::Literal(_, fields) => {
                let mut arguments = TokenStream::new();
                each(fields, &mut read, &mut arguments);
                read.extend(arguments);
            }
        }
    }
    read.extend(model.start.metric.clone());
    read.extend(model.verdict.error_if.clone());
    if let Some(Parent::Span(parent)) = &model.start.parent {
        taken.extend(parent.clone());
    }
    taken.extend(model.start.follows_from.clone());
    Words {
        expressions: of(&read),
        recorded: of(&recorded),
        taken: of(&taken),
    }
}

fn each(fields: &[Field], expressions: &mut TokenStream, arguments: &mut TokenStream) {
    for field in fields {
        match &field.value {
            Value::Argument(_, tokens) => arguments.extend(tokens.clone()),
            Value::Expr(tokens) => expressions.extend(tokens.clone()),
            Value::Later => {}
        }
    }
}

/// The words of the values that are read if a call fails, without those of clones.
pub(crate) fn on_failure(model: &Model) -> HashSet<String> {
    let mut tokens = TokenStream::new();
    let mut arguments = TokenStream::new();
    each(&model.on_failure.fields, &mut tokens, &mut arguments);
    tokens.extend(arguments);
    let mut words = of(&tokens);
    for name in &model.on_failure.cloned {
        words.remove(&name.to_string());
    }
    words
}
