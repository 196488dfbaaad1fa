//! The options held against the function: after this, every combination can be written.

use super::borrowing::{self, Scope};
use super::drop_in;
use super::item::{self, Function};
use super::messages as say;
use super::options::{Event, Field, How, OnFailure, Options, Value, What};
use super::tail::{self, Tail};
use super::types;
use crate::grammar::{Errors, Krate, item_messages, names, nearest};
use proc_macro2::{Ident, TokenStream};
use syn::Type;

/// What is written for a function.
pub(crate) struct Model {
    pub(crate) krate: Krate,
    pub(crate) options: Options,
    /// Those read when the call fails come last, without a value.
    pub(crate) fields: Vec<Field>,
    pub(crate) form: Form,
    pub(crate) describe: Describe,
    /// What the function returns runs after it has returned.
    pub(crate) outlives: bool,
    /// The value is no error, whatever its type.
    pub(crate) infallible: bool,
    /// Arguments that events name: copied before the body takes them.
    pub(crate) copied: Vec<Ident>,
    /// The level of the span, as an expression.
    pub(crate) level: Option<TokenStream>,
}

/// What a call of the function is measured to.
pub(crate) enum Form {
    /// `async fn`; its value may be an error.
    Async { fallible: bool },
    /// The body stays in its place: its value is no error, or cannot be looked at.
    Guarded,
    /// A value that is looked at when it is returned.
    Value,
    /// The same, unless its type turns out to be a boxed future or stream, which is put into another box where one of
    /// the same type can be made.
    ByType { boxed: bool },
    /// A body that ends with an async block, of which the call is: `instrument` has it so, and where the type is a box that
    /// cannot be made again.
    Tail(Tail),
    /// `-> impl Future`, with its output where that is spelled.
    Future(Option<Type>),
    /// `-> impl Stream`, with its item where that is spelled.
    Stream(Option<Type>),
}

/// How the error of a value is described.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Describe {
    /// By the best trait it has.
    Full,
    /// By traits that are as a rule derived, and so hold for all lifetimes.
    Narrow,
}

/// Checks the options against the function.
pub(crate) fn build(
    function: &Function,
    mut options: Options,
    krate: Krate,
    errors: &mut Errors,
) -> Option<Model> {
    if let Some(word) = function.sig.constness {
        errors.at(word, say::CONST_FN);
    } else if function.body.is_none() {
        errors.push(function.sig.ident.span(), say::NO_BODY);
    }
    let arguments = function.arguments();
    skipped(&options, &arguments, errors);
    for field in options
        .fields
        .iter_mut()
        .chain(&mut options.on_failure.fields)
    {
        if let Value::Argument(root, _) = &field.value {
            field.cfgs = function.cfgs_of(root);
        }
    }
    let fields = fields(&options, function, errors);
    check(&fields, &arguments, options.allow_sensitive, errors);
    check_failure(&options, &arguments, errors);
    for event in &options.events {
        check_event(event, &arguments, options.allow_sensitive, errors);
    }
    let private = krate.private(function.sig.ident.span());
    let level = options
        .level
        .as_ref()
        .and_then(|(key, value)| super::values::level(value, key, &private, errors));
    let form = form(function, &options);
    let describe = describe(function, &form);
    let outlives = super::expand_failure::outlives(&form, function.output());
    let infallible = matches!(form, Form::Async { .. } | Form::Value)
        && function.output().is_none_or(types::is_infallible);
    if matches!(form, Form::Guarded)
        && let Some(span) = options
            .err
            .as_ref()
            .or(options.ret.as_ref())
            .map(|_| function.sig.ident.span())
        && function.has_attribute("track_caller")
    {
        errors.push(span, say::TRACK_CALLER_ASYNC);
    }
    Some(Model {
        krate,
        fields,
        form,
        describe,
        outlives,
        infallible,
        level,
        copied: super::expand_event::named(&options.events, arguments),
        options,
    })
}

fn skipped(options: &Options, arguments: &[Ident], errors: &mut Errors) {
    if let (Some(first), None, false) = (options.skip.first(), options.args, options.drop_in) {
        errors.push(first.span(), say::ARGS_AND_FIELDS);
    }
    for name in &options.skip {
        if name != "self" && !arguments.contains(name) {
            unknown_argument(name, arguments, errors);
        }
    }
}

fn unknown_argument(name: &Ident, arguments: &[Ident], errors: &mut Errors) {
    let known: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let words: Vec<&str> = known.iter().map(String::as_str).collect();
    let word = name.to_string();
    if let Some(form) = super::slots::form(&word) {
        return errors.push(name.span(), form);
    }
    errors.push(
        name.span(),
        say::no_argument(&word, nearest(&word, &words), &known),
    );
}

/// The arguments that are recorded without being named, then the fields that are named.
fn fields(options: &Options, function: &Function, errors: &mut Errors) -> Vec<Field> {
    let mut all = unnamed(options, function);
    for field in &options.fields {
        if options.drop_in {
            all.push(drop_in::named(field));
        } else if matches!(&field.value, Value::Expr(tokens) if tokens.to_string() == "Empty") {
            let value = Value::Later;
            all.push(Field {
                value,
                ..field.clone()
            });
        } else if all.iter().any(|known: &Field| known.name == field.name) {
            errors.push(field.span, say::field_twice(&field.name));
        } else {
            all.push(field.clone());
        }
    }
    for field in &options.on_failure.fields {
        if all.iter().any(|known: &Field| known.name == field.name) {
            errors.push(field.span, say::field_twice(&field.name));
        }
        all.push(Field {
            value: Value::Later,
            ..field.clone()
        });
    }
    all
}

fn unnamed(options: &Options, function: &Function) -> Vec<Field> {
    let mut all = if options.drop_in && options.skip_all.is_none() {
        drop_in::arguments(function)
    } else if options.args.is_some() {
        let bindings = function.bindings();
        bindings
            .filter(|(name, _)| !name.to_string().starts_with('_'))
            .map(|(name, attrs)| Field {
                cfgs: item::cfgs(attrs),
                ..Field::argument(vec![name], How::ByType)
            })
            .collect()
    } else {
        Vec::new()
    };
    let named: Vec<_> = options
        .fields
        .iter()
        .chain(&options.on_failure.fields)
        .collect();
    all.retain(|argument| {
        let skipped = options
            .skip
            .iter()
            .any(|name| argument.word.as_ref() == Some(name));
        // A field that is named replaces the argument of its name.
        let replaced = named.iter().any(|field| match options.drop_in {
            true => drop_in::replaces(field, argument),
            false => field.name == argument.name,
        });
        !skipped && !replaced
    });
    all
}

fn check(fields: &[Field], arguments: &[Ident], allow_sensitive: bool, errors: &mut Errors) {
    for field in fields {
        if let Value::Argument(root, _) = &field.value
            && root != "self"
            && !arguments.contains(root)
        {
            unknown_argument(root, arguments, errors);
        }
        if let Some(word) = names::sensitive(field.name.rsplit('.').next().unwrap_or(&field.name))
            && !allow_sensitive
        {
            errors.push(
                field.span,
                item_messages::sensitive_field(&field.name, word),
            );
        }
    }
}

fn check_failure(options: &Options, arguments: &[Ident], errors: &mut Errors) {
    let OnFailure { fields, cloned } = &options.on_failure;
    // Their names have been checked with those of the other fields.
    check(fields, arguments, true, errors);
    let empty = fields.iter().find(|field| super::fields::is_empty(field));
    if let Some(field) = empty {
        errors.push(field.span, say::FAILURE_EMPTY);
    }
    let named = super::expand_failure::named(fields, arguments);
    for name in cloned {
        if !arguments.contains(name) {
            unknown_argument(name, arguments, errors);
        } else if !named.contains(name) {
            errors.push(name.span(), say::CLONE);
        }
    }
}

fn check_event(event: &Event, arguments: &[Ident], allow_sensitive: bool, errors: &mut Errors) {
    let What::Literal(name, fields) = &event.what else {
        return;
    };
    names::signal(&name.value(), name.span(), errors);
    for (n, field) in fields.iter().enumerate() {
        if fields[..n].iter().any(|known| known.name == field.name) {
            errors.push(field.span, say::field_twice(&field.name));
        }
    }
    check(fields, arguments, allow_sensitive, errors);
}

/// Whether an option looks at the value, whatever its type.
fn needs_value(options: &Options) -> bool {
    !options.events.is_empty()
        || options.err.is_some()
        || options.ret.is_some()
        || options.error_if.is_some()
        || options.none_error
}

fn form(function: &Function, options: &Options) -> Form {
    let output = function.output();
    if function.sig.asyncness.is_some() {
        let fallible = output.is_some_and(|ty| !types::is_infallible(ty));
        return Form::Async { fallible };
    }
    let block = options.drop_in.then_some(function.body.as_ref()).flatten();
    if let Some(tail) = block.and_then(|body| tail::of(body, output)) {
        return Form::Tail(tail);
    }
    match output {
        Some(Type::Never(_)) => return Form::Guarded,
        _ if function.has_attribute("track_caller") => return Form::Guarded,
        Some(Type::ImplTrait(opaque)) => match types::opaque(&opaque.bounds) {
            types::Opaque::Future(output) => return Form::Future(output),
            types::Opaque::Stream(item) => return Form::Stream(item),
            types::Opaque::Other => {}
        },
        _ => {}
    }
    match output {
        Some(ty) if !types::is_infallible(ty) => {
            // A rule for a type that is not a box by its name is one for what is returned.
            let has_rule = options.error_if.is_some() && !types::is_boxed(ty);
            if has_rule || types::is_surely_a_value(ty) {
                Form::Value
            } else {
                let boxed = !borrowing::is_box_of_borrowed(ty, &Scope::of(function));
                // An async block that the body ends with can be measured where its box cannot.
                let tail = function.body.as_ref().filter(|_| !boxed);
                match tail.and_then(|body| tail::of(body, output)) {
                    Some(tail) => Form::Tail(tail),
                    None => Form::ByType { boxed },
                }
            }
        }
        _ if needs_value(options) => Form::Value,
        _ => Form::Guarded,
    }
}

fn describe(function: &Function, form: &Form) -> Describe {
    let looked_at = match form {
        Form::Future(ty) | Form::Stream(ty) => ty.as_ref(),
        _ => function.output(),
    };
    match looked_at {
        Some(ty) if borrowing::has_borrowing_error(ty, &Scope::of(function)) => Describe::Narrow,
        _ => Describe::Full,
    }
}
