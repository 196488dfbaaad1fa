//! The fields that a call records, from the arguments and the options.

use super::declaration::Declaration;
use super::drop_in;
use super::fields::{Field, Value};
use super::item::{self, Function};
use super::kinds::OnFailure;
use crate::grammar::Errors;
use crate::grammar::format::Format;
use crate::grammar::messages as say;

/// The arguments that are recorded without being named, then the named fields, then those that are read if the call fails,
/// which have no value when it begins.
pub(crate) fn fields(
    declaration: &Declaration,
    on_failure: &OnFailure,
    function: &Function,
    errors: &mut Errors,
) -> Vec<Field> {
    let mut all = unnamed(declaration, on_failure, function);
    for field in &declaration.options.fields {
        if declaration.drop_in {
            all.push(drop_in::named(field));
        } else if matches!(&field.value, Value::Expr(tokens) if tokens.to_string() == "Empty") {
            let value = Value::Later;
            all.push(Field {
                value,
                ..field.clone()
            });
        } else if all.iter().any(|known: &Field| known.name == field.name) {
            errors.push(field.span, say::duplicate_field(&field.name));
        } else {
            all.push(field.clone());
        }
    }
    for field in &on_failure.fields {
        if all.iter().any(|known: &Field| known.name == field.name) {
            errors.push(field.span, say::duplicate_field(&field.name));
        }
        all.push(Field {
            value: Value::Later,
            ..field.clone()
        });
    }
    all
}

/// The arguments that `args` or the defaults of `tracing::instrument` record.
fn unnamed(declaration: &Declaration, on_failure: &OnFailure, function: &Function) -> Vec<Field> {
    let options = &declaration.options;
    let mut all = if declaration.drop_in && options.skip_all.is_none() {
        drop_in::arguments(function)
    } else if options.args.is_some() {
        let bindings = function.bindings();
        bindings
            .filter(|(name, _)| !name.to_string().starts_with('_'))
            .map(|(name, attrs)| Field {
                cfgs: item::cfgs(attrs),
                ..Field::argument(vec![name], Format::Auto)
            })
            .collect()
    } else {
        Vec::new()
    };
    let named: Vec<_> = options.fields.iter().chain(&on_failure.fields).collect();
    all.retain(|argument| {
        let word = argument.word.as_ref();
        let is_skipped = word.is_some_and(|word| options.skip.contains(word));
        // A named field replaces the argument with its name.
        let is_replaced = named.iter().any(|field| match declaration.drop_in {
            true => drop_in::replaces(field, argument),
            false => field.name == argument.name,
        });
        !is_skipped && !is_replaced
    });
    all
}
