//! Checks of options against the arguments of the function.

use super::declaration::Declaration;
use super::event::{Event, What};
use super::fields::{self, Field, Value};
use super::kinds::OnFailure;
use super::mentions;
use super::options::{EmitOptions, Options};
use crate::grammar::messages as say;
use crate::grammar::options::usage;
use crate::grammar::{Errors, names, nearest};
use proc_macro2::Ident;

/// Checks the arguments that `skip(..)` names.
pub(crate) fn skip(declaration: &Declaration, arguments: &[Ident], errors: &mut Errors) {
    let options = &declaration.options;
    let named = &options.skip.named;
    let records_all = options.args.is_some() || declaration.drop_in;
    if let Some(first) = named.first().filter(|_| !records_all) {
        errors.push(first.span(), say::SKIP_WITHOUT_ARGS);
    }
    for name in named {
        if name != "self" && !arguments.contains(name) {
            unknown_argument(name, arguments, errors);
        }
    }
}

/// Checks that fields name existing arguments, and do not look like secrets.
pub(crate) fn fields(
    fields: &[Field],
    arguments: &[Ident],
    allow_sensitive: bool,
    errors: &mut Errors,
) {
    for field in fields {
        if let Value::Argument(root, _) = &field.value
            && root != "self"
            && !arguments.contains(root)
        {
            unknown_argument(root, arguments, errors);
        }
        let last = field.name.rsplit('.').next().unwrap_or(&field.name);
        if let Some(word) = names::sensitive(last).filter(|_| !allow_sensitive) {
            errors.push(field.span, say::sensitive_field(&field.name, word));
        }
    }
}

/// Checks what `on_failure(..)` reads and clones.
pub(crate) fn on_failure(on_failure: &OnFailure, arguments: &[Ident], errors: &mut Errors) {
    let OnFailure { fields, cloned } = on_failure;
    // Secrets among them were reported with the other fields.
    self::fields(fields, arguments, true, errors);
    if let Some(field) = fields.iter().find(|field| fields::is_empty(field)) {
        errors.push(field.span, say::FAILURE_WITHOUT_VALUE);
    }
    let mentioned = mentions::of_fields(fields);
    for name in cloned {
        if !arguments.contains(name) {
            unknown_argument(name, arguments, errors);
        } else if !mentioned.contains(name) {
            errors.push(name.span(), say::UNUSED_CLONE);
        }
    }
}

/// Checks the name and fields of an event.
pub(crate) fn event(
    event: &Event,
    arguments: &[Ident],
    allow_sensitive: bool,
    errors: &mut Errors,
) {
    let What::Literal(name, fields) = &event.what else {
        return;
    };
    names::signal(&name.value(), name.span(), errors);
    for (n, field) in fields.iter().enumerate() {
        if fields[..n].iter().any(|known| known.name == field.name) {
            errors.push(field.span, say::duplicate_field(&field.name));
        }
    }
    self::fields(fields, arguments, allow_sensitive, errors);
}

fn unknown_argument(name: &Ident, arguments: &[Ident], errors: &mut Errors) {
    let word = name.to_string();
    let usage = usage::<Options>(&word).or_else(|| usage::<EmitOptions>(&word));
    let message = usage.unwrap_or_else(|| {
        let known: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let words: Vec<&str> = known.iter().map(String::as_str).collect();
        say::no_argument(&word, nearest(&word, &words), &known)
    });
    errors.push(name.span(), message);
}
