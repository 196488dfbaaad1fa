//! The words of an attribute's expressions, which name arguments.

use super::fields::{Field, Value};
use super::options::{Options, What};
use super::words::words as of;
use proc_macro2::TokenStream;
use std::collections::HashSet;

/// Words by what may become of the arguments that they name.
pub(crate) struct Words {
    /// They are read before the body runs, or copied.
    pub(crate) expressions: HashSet<String>,
    /// They are recorded as they are.
    pub(crate) recorded: HashSet<String>,
    /// They may be taken.
    pub(crate) taken: HashSet<String>,
}

/// The words of these options and of the fields that are recorded when a call begins.
pub(crate) fn words(options: &Options, fields: &[Field]) -> Words {
    let (mut read, mut recorded, mut taken) = <(TokenStream, TokenStream, TokenStream)>::default();
    each(fields, &mut read, &mut recorded);
    for event in &options.events {
        match &event.what {
            What::Typed(tokens) => read.extend(tokens.clone()),
            What::Literal(_, fields) => {
                let mut arguments = TokenStream::new();
                each(fields, &mut read, &mut arguments);
                read.extend(arguments);
            }
        }
    }
    read.extend(options.metric.clone());
    read.extend(options.error_if.clone());
    taken.extend(options.parent.clone());
    taken.extend(options.follows_from.clone());
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

/// The words of values that are read when a call has failed, but for clones.
pub(crate) fn kept(options: &Options) -> HashSet<String> {
    let mut tokens = TokenStream::new();
    let mut arguments = TokenStream::new();
    each(&options.on_failure.fields, &mut tokens, &mut arguments);
    tokens.extend(arguments);
    let mut words = of(&tokens);
    for name in &options.on_failure.cloned {
        words.remove(&name.to_string());
    }
    words
}
