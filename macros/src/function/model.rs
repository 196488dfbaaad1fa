//! The options held against the function: after this, every combination can be written.

use super::item::{Function, plain};
use super::messages as say;
use super::options::{Event, Field, How, OnFailure, Options, Value, What};
use crate::grammar::{Errors, Krate, item_messages, names, nearest};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::{FnArg, GenericArgument, PathArguments, Type, TypeParamBound};

/// What is written for a function.
pub(crate) struct Model {
    pub(crate) krate: Krate,
    pub(crate) options: Options,
    /// Those read when the call fails come last, without a value.
    pub(crate) fields: Vec<Field>,
    pub(crate) form: Form,
    /// Arguments that events name: copied before the body takes them.
    pub(crate) copied: Vec<Ident>,
    /// The level of the span, as an expression.
    pub(crate) level: Option<TokenStream>,
}

/// What a call of the function is measured to, and the type of what is then looked at.
pub(crate) enum Form {
    /// `async fn`; the type where it can be written.
    Async(Looked),
    /// Returns `!`, or needs its caller's location: measured by a guard.
    Guarded,
    /// Anything that its type decides.
    Value(Looked),
    /// `-> impl Future`
    Future(Looked),
    /// `-> impl Stream`
    Stream,
}

/// The type that is looked at.
pub(crate) enum Looked {
    /// Nothing that could be an error.
    Nothing,
    /// This type.
    Type(Box<Type>),
    /// A type that cannot be written: it holds `impl Trait`.
    Opaque,
}

/// Checks the options against the function.
pub(crate) fn build(
    function: &Function,
    options: Options,
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
    let fields = fields(&options, function, &arguments, errors);
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
    let form = form(function);
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
fn fields(
    options: &Options,
    function: &Function,
    arguments: &[Ident],
    errors: &mut Errors,
) -> Vec<Field> {
    let mut all = Vec::new();
    let by_default = options.drop_in && options.skip_all.is_none();
    if options.args.is_some() || by_default {
        if options.drop_in
            && function.sig.receiver().is_some()
            && !options.skip.iter().any(|s| s == "self")
        {
            all.push(receiver(function));
        }
        for name in arguments {
            // A field that is named replaces the argument of its name.
            let named = options
                .fields
                .iter()
                .chain(&options.on_failure.fields)
                .any(|field| name.unraw() == field.name);
            if !options.skip.contains(name)
                && !named
                && (options.drop_in || !name.to_string().starts_with('_'))
            {
                all.push(argument(function, name, options.drop_in));
            }
        }
    }
    for field in &options.fields {
        // In `tracing`, a field without a value is declared, and recorded later.
        let declared = match &field.value {
            Value::Argument(root, _) => {
                options.drop_in && !arguments.contains(root) && root != "self"
            }
            _ => false,
        };
        if all.iter().any(|known: &Field| known.name == field.name) {
            errors.push(field.span, say::field_twice(&field.name));
        } else {
            let mut field = field.clone();
            if declared {
                field.value = Value::Later;
            }
            all.push(field);
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

fn receiver(function: &Function) -> Field {
    let span = function.sig.ident.span();
    let name = Ident::new("self", span);
    Field {
        name: "self".into(),
        span,
        value: Value::Argument(name.clone(), quote!(#name)),
        how: How::Debug,
    }
}

fn argument(function: &Function, name: &Ident, drop_in: bool) -> Field {
    let how = if drop_in && !is_value(function, name) {
        How::Debug
    } else {
        How::ByType
    };
    Field {
        name: name.unraw().to_string(),
        span: name.span(),
        value: Value::Argument(name.clone(), quote!(#name)),
        how,
    }
}

/// Types that `tracing::instrument` records as values, by their names (tracing-attributes 0.1, `RecordType`).
const VALUES: &[&str] = &[
    "bool",
    "str",
    "u8",
    "i8",
    "u16",
    "i16",
    "u32",
    "i32",
    "u64",
    "i64",
    "u128",
    "i128",
    "f32",
    "f64",
    "usize",
    "isize",
    "String",
    "NonZeroU8",
    "NonZeroI8",
    "NonZeroU16",
    "NonZeroI16",
    "NonZeroU32",
    "NonZeroI32",
    "NonZeroU64",
    "NonZeroI64",
    "NonZeroU128",
    "NonZeroI128",
    "NonZeroUsize",
    "NonZeroIsize",
    "Wrapping",
];

fn is_value(function: &Function, name: &Ident) -> bool {
    function.sig.inputs.iter().any(|input| match input {
        FnArg::Typed(typed) if plain(input).is_some_and(|pat| pat.ident == *name) => {
            is_value_type(&typed.ty)
        }
        _ => false,
    })
}

fn is_value_type(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => is_value_type(&reference.elem),
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| VALUES.iter().any(|value| last.ident == value))
        }
        _ => false,
    }
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
    let empty = fields
        .iter()
        .find(|field| matches!(field.value, Value::Later));
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

fn form(function: &Function) -> Form {
    let looked = looked(function.output());
    if function.sig.asyncness.is_some() {
        return Form::Async(looked);
    }
    match function.output() {
        Some(Type::Never(_)) => Form::Guarded,
        _ if function.has_attribute("track_caller") => Form::Guarded,
        Some(Type::ImplTrait(opaque)) => opaque_form(&opaque.bounds),
        _ => Form::Value(looked),
    }
}

fn looked(output: Option<&Type>) -> Looked {
    match output {
        None => Looked::Nothing,
        Some(ty) if is_infallible(ty) => Looked::Nothing,
        Some(ty) if holds_impl(ty.to_token_stream()) => Looked::Opaque,
        Some(ty) => Looked::Type(Box::new(ty.clone())),
    }
}

/// Types that hold no error whatever else is in scope: they are the language's, not a library's.
fn is_infallible(ty: &Type) -> bool {
    match ty {
        Type::Never(_) => true,
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        Type::Paren(paren) => is_infallible(&paren.elem),
        _ => false,
    }
}

fn holds_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "impl",
        TokenTree::Group(group) => holds_impl(group.stream()),
        _ => false,
    })
}

/// `impl Future<Output = T>`, `impl Stream<Item = T>`, or another trait.
fn opaque_form<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Form {
    for bound in bounds {
        let TypeParamBound::Trait(bound) = bound else {
            continue;
        };
        let Some(last) = bound.path.segments.last() else {
            continue;
        };
        if last.ident == "Future" {
            return Form::Future(looked(associated(&last.arguments, "Output").as_ref()));
        }
        if last.ident == "Stream" {
            return Form::Stream;
        }
    }
    Form::Value(Looked::Opaque)
}

pub(super) fn associated(arguments: &PathArguments, name: &str) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(found) if found.ident == name => Some(found.ty.clone()),
        _ => None,
    })
}
