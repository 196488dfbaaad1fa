//! What is written for a function: every decision is made here, so expansion cannot fail.

use super::declaration::Declaration;
use super::event::Event;
use super::fields::{Field, Value};
use super::form::{self, Form};
use super::item::Function;
use super::kinds::{Level, Objective, OnFailure, ReturnFormat};
use super::options::Options;
use super::{check, mentions, recorded, types};
use crate::grammar::format::Format;
use crate::grammar::messages as say;
use crate::grammar::{Errors, Krate};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;
use syn::LitStr;
use syn::ext::IdentExt as _;

/// A function's wrapper.
pub(crate) struct Model {
    pub(crate) krate: Krate,
    pub(crate) site: Site,
    /// Fields that are read if the call fails come last, without a value.
    pub(crate) fields: Vec<Field>,
    pub(crate) on_failure: OnFailure,
    pub(crate) start: Start,
    pub(crate) events: Vec<Event>,
    /// Arguments that events name; they are copied before the body takes them.
    pub(crate) copied: Vec<Ident>,
    pub(crate) form: Form,
    /// What the function returns runs after the function has returned.
    pub(crate) outlives: bool,
    pub(crate) verdict: Verdict,
    pub(crate) returned: Returned,
    /// Imports of attributes that the wrapper includes.
    pub(crate) folded: Vec<Ident>,
    pub(crate) warnings: Vec<(Span, String)>,
}

/// The static site of the function.
pub(crate) struct Site {
    pub(crate) name: TokenStream,
    /// Constants of the runtime's module `flag`.
    pub(crate) flags: Vec<&'static str>,
    pub(crate) level: Option<Level>,
    pub(crate) target: Option<TokenStream>,
    /// A variant of the runtime's `SpanKind`.
    pub(crate) kind: Option<&'static str>,
    /// Nanoseconds above which a call is slow.
    pub(crate) slow: Option<u64>,
    pub(crate) owner: Option<LitStr>,
    pub(crate) objective: Option<Objective>,
}

/// What the recorder gets when a call begins, besides fields.
pub(crate) struct Start {
    /// A histogram of the catalog that receives the duration too.
    pub(crate) metric: Option<TokenStream>,
    pub(crate) parent: Option<Parent>,
    pub(crate) follows_from: Option<TokenStream>,
}

/// An explicit parent of the span.
pub(crate) enum Parent {
    /// The span begins a trace.
    Root,
    Span(TokenStream),
}

/// How a returned value is judged.
pub(crate) struct Verdict {
    /// The value is not an error, whatever its type.
    pub(crate) infallible: bool,
    /// The word of `verdict!` for the traits that describe the error; without one it is the best that the type implements.
    pub(crate) describe: Option<&'static str>,
    pub(crate) ignore: Vec<TokenStream>,
    pub(crate) error_if: Option<TokenStream>,
    pub(crate) none_is_error: bool,
}

/// The events with what the function returned.
pub(crate) struct Returned {
    /// The event of an error.
    pub(crate) err: Option<ReturnEvent>,
    /// The event of any value, or, beside `err`, of a value that is not an error.
    pub(crate) ret: Option<ReturnEvent>,
}

/// An event with what the function returned.
pub(crate) struct ReturnEvent {
    pub(crate) format: Format,
    pub(crate) level: Level,
}

impl Parent {
    /// The parent in `parent = ..`.
    fn of(tokens: TokenStream) -> Self {
        match tokens.to_string().as_str() {
            "None" => Self::Root,
            _ => Self::Span(tokens),
        }
    }
}

impl Model {
    /// Whether values are read if the call fails.
    pub(crate) fn reads_on_failure(&self) -> bool {
        !self.on_failure.fields.is_empty()
    }

    /// The fields that are recorded when the call begins.
    pub(crate) fn first_fields(&self) -> &[Field] {
        &self.fields[..self.fields.len() - self.on_failure.fields.len()]
    }
}

/// Checks the declaration against the function.
pub(crate) fn build(
    function: &Function,
    mut declaration: Declaration,
    krate: Krate,
    errors: &mut Errors,
) -> Option<Model> {
    let mut on_failure = declaration.options.on_failure.take().unwrap_or_default();
    let fields = declaration.options.fields.iter_mut();
    for field in fields.chain(&mut on_failure.fields) {
        if let Value::Argument(root, _) = &field.value {
            field.cfgs = function.cfgs_of(root);
        }
    }
    let fields = recorded::fields(&declaration, &on_failure, function, errors);
    check(function, &declaration, &fields, &on_failure, errors);
    let form = form::choose(function, &declaration);
    check_track_caller(function, &declaration.options, &form, errors);
    let site = site(function, &mut declaration, &on_failure);
    let verdict = verdict(function, &form, &mut declaration.options);
    let (start, returned) = start_and_returned(declaration.options, site.level.as_ref());
    let events = declaration.events;
    Some(Model {
        krate,
        fields,
        on_failure,
        start,
        copied: mentions::in_events(&events, &function.arguments()),
        events,
        outlives: form::outlives(&form, function.output()),
        form,
        verdict,
        returned,
        site,
        folded: declaration.folded,
        warnings: declaration.warnings,
    })
}

fn check(
    function: &Function,
    declaration: &Declaration,
    fields: &[Field],
    on_failure: &OnFailure,
    errors: &mut Errors,
) {
    if let Some(word) = function.sig.constness {
        errors.at(word, say::CONST_FN);
    } else if function.body.is_none() {
        errors.push(function.sig.ident.span(), say::NO_BODY);
    }
    let arguments = function.arguments();
    let allow_sensitive = declaration.options.allow_sensitive.is_some();
    check::skip(declaration, &arguments, errors);
    check::fields(fields, &arguments, allow_sensitive, errors);
    check::on_failure(on_failure, &arguments, errors);
    for event in &declaration.events {
        check::event(event, &arguments, allow_sensitive, errors);
    }
}

/// `#[track_caller]` keeps the body in its place, so there is no value to record.
fn check_track_caller(function: &Function, options: &Options, form: &Form, errors: &mut Errors) {
    let records_value = options.err.is_some() || options.ret.is_some();
    let is_guarded = matches!(form, Form::Guarded) && function.has_attribute("track_caller");
    if records_value && is_guarded {
        errors.push(function.sig.ident.span(), say::TRACK_CALLER);
    }
}

fn site(function: &Function, declaration: &mut Declaration, on_failure: &OnFailure) -> Site {
    let options = &mut declaration.options;
    let flags = [
        ("TRACED", declaration.traced),
        ("CAPTURE", declaration.capture),
        ("EVENT", !declaration.events.is_empty()),
        ("IN_FLIGHT", options.in_flight.is_some()),
        ("DROP_IN", declaration.drop_in),
        ("NAMED", options.name.is_some()),
        ("ON_FAILURE", !on_failure.fields.is_empty()),
    ];
    let ident = &function.sig.ident;
    // `tracing::instrument` keeps the `r#` of a raw identifier.
    let own_name = match declaration.drop_in {
        true => ident.to_string(),
        false => ident.unraw().to_string(),
    };
    Site {
        name: options
            .name
            .take()
            .unwrap_or_else(|| own_name.to_token_stream()),
        flags: flags
            .into_iter()
            .filter_map(|(flag, is_set)| is_set.then_some(flag))
            .collect(),
        level: options.level.take(),
        target: options.target.take(),
        kind: options.kind,
        slow: options.slow,
        owner: options.owner.take(),
        objective: options.objective,
    }
}

fn verdict(function: &Function, form: &Form, options: &mut Options) -> Verdict {
    let is_narrow = form::has_borrowing_error(function, form);
    Verdict {
        infallible: matches!(form, Form::Async { .. } | Form::Value)
            && function.output().is_none_or(types::is_infallible),
        describe: options.describe.or(is_narrow.then_some("narrow")),
        ignore: std::mem::take(&mut options.ignore),
        error_if: options.error_if.take(),
        none_is_error: options.none.is_some(),
    }
}

/// The options that concern the beginning and the end of a call. Every other option is named too, so that the compiler
/// refuses a new one until it is used here or, as those, elsewhere.
fn start_and_returned(options: Options, level: Option<&Level>) -> (Start, Returned) {
    let Options {
        metric,
        parent,
        follows_from,
        err,
        ret,
        // Used by `site`:
        name: _,
        level: _,
        target: _,
        kind: _,
        slow: _,
        objective: _,
        in_flight: _,
        owner: _,
        // Used by `verdict`:
        none: _,
        error_if: _,
        describe: _,
        ignore: _,
        // Used by `recorded` and `check`:
        fields: _,
        on_failure: _,
        args: _,
        skip: _,
        skip_all: _,
        allow_sensitive: _,
        // Used by `single`:
        krate: _,
    } = options;
    let event = |format: ReturnFormat, default: Format, level: Level| ReturnEvent {
        format: format.format.unwrap_or(default),
        level: format.level.unwrap_or(level),
    };
    let constant = |name| Level::Constant(name, Span::call_site());
    let ret_level = || level.cloned().unwrap_or_else(|| constant("INFO"));
    let start = Start {
        metric,
        parent: parent.map(Parent::of),
        follows_from,
    };
    let returned = Returned {
        err: err.map(|format| event(format, Format::Display, constant("ERROR"))),
        ret: ret.map(|format| event(format, Format::Debug, ret_level())),
    };
    (start, returned)
}
