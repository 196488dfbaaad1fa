//! What the attributes of a function say, put together: typed, but not yet held against the function.

use super::args::{self, Arg};
use super::fields;
pub(crate) use super::fields::{Field, How, Value};
use super::messages as say;
use super::slots::{self, Slot};
use super::values;
use crate::grammar::Errors;
use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{LitStr, Path};

/// Which attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Traced,
    CaptureErrors,
    BusinessEvent,
    Instrument,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [
        Self::Traced,
        Self::CaptureErrors,
        Self::BusinessEvent,
        Self::Instrument,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Traced => "traced",
            Self::CaptureErrors => "capture_errors",
            Self::BusinessEvent => "business_event",
            Self::Instrument => "instrument",
        }
    }
}

/// An event that a function emits.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) what: What,
    /// The pattern its value must match; none: any that is no error.
    pub(crate) on: Option<TokenStream>,
    pub(crate) owner: Option<LitStr>,
}

#[derive(Clone)]
pub(crate) enum What {
    Literal(LitStr, Vec<Field>),
    Typed(TokenStream),
}

/// What is read when a call fails.
#[derive(Clone, Default)]
pub(crate) struct OnFailure {
    pub(crate) fields: Vec<Field>,
    /// Arguments that the body takes.
    pub(crate) cloned: Vec<Ident>,
}

/// How `err` or `ret` writes its event.
#[derive(Clone)]
pub(crate) struct Format {
    pub(crate) debug: bool,
    pub(crate) level: Option<(Ident, TokenStream)>,
}

/// An objective, in the units of the runtime.
#[derive(Clone, Copy, Default)]
pub(crate) struct Objective {
    pub(crate) success: f64,
    pub(crate) latency: u64,
    pub(crate) at: f64,
}

/// All that was said.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) traced: bool,
    pub(crate) capture: bool,
    pub(crate) drop_in: bool,
    pub(crate) events: Vec<Event>,
    pub(crate) fields: Vec<Field>,
    pub(crate) on_failure: OnFailure,
    pub(crate) args: Option<Span>,
    pub(crate) skip_all: Option<Span>,
    pub(crate) skip: Vec<Ident>,
    /// Names of the siblings that were taken in.
    pub(crate) folded: Vec<Ident>,
    /// A bare `skip`.
    pub(crate) left_out: Option<Span>,
    pub(crate) name: Option<TokenStream>,
    pub(crate) level: Option<(Ident, TokenStream)>,
    pub(crate) target: Option<TokenStream>,
    pub(crate) kind: Option<&'static str>,
    pub(crate) slow: Option<u64>,
    pub(crate) objective: Option<Objective>,
    pub(crate) in_flight: bool,
    pub(crate) metric: Option<TokenStream>,
    pub(crate) none_error: bool,
    pub(crate) error_if: Option<TokenStream>,
    pub(crate) describe: Option<&'static str>,
    pub(crate) owner: Option<LitStr>,
    pub(crate) parent: Option<TokenStream>,
    pub(crate) follows_from: Option<TokenStream>,
    pub(crate) err: Option<Format>,
    pub(crate) ret: Option<Format>,
    pub(crate) ignore: Vec<TokenStream>,
    pub(crate) allow_sensitive: bool,
    pub(crate) krate: Option<Path>,
    /// What the compiler is to say of it, without refusing it.
    pub(crate) warnings: Vec<(Span, String)>,
}

impl Options {
    /// Whether the function is to be left alone.
    pub(crate) fn skipped(&self) -> bool {
        self.left_out.is_some()
    }

    /// Whether nothing but the errors is asked for.
    pub(crate) fn is_lone_capture(&self) -> bool {
        self.capture && !self.traced
    }

    /// The bare `skip`, if there is one.
    pub(crate) fn left_out(&self) -> Option<Span> {
        self.left_out
    }

    /// Adds what one attribute says.
    pub(crate) fn read(&mut self, kind: Kind, tokens: TokenStream, errors: &mut Errors) {
        match kind {
            Kind::Traced => self.traced = true,
            Kind::CaptureErrors => self.capture = true,
            Kind::Instrument => {
                self.traced = true;
                self.drop_in = true;
            }
            Kind::BusinessEvent => return self.read_event(tokens, errors),
        }
        let list = match kind {
            Kind::Instrument => args::read_loosely(tokens, errors),
            _ => args::read(tokens, errors),
        };
        let mut given = Vec::new();
        for arg in list {
            match slots::option(kind, arg, errors) {
                Ok(Some(slot)) => {
                    if !self.may_repeat(kind, &slot) && is_again(&mut given, &slot, errors) {
                        continue;
                    }
                    self.set(slot, errors);
                }
                Ok(None) => {}
                Err(arg) if kind == Kind::CaptureErrors => stray(arg, errors),
                Err(arg) if kind == Kind::Instrument => self.warn(arg),
                Err(arg) => self.fields.extend(field(arg, errors)),
            }
        }
    }

    /// Whether an option may stand again; of those of `tracing::instrument` the last counts.
    fn may_repeat(&self, kind: Kind, slot: &Slot) -> bool {
        let of_tracing = match slot.key.to_string().as_str() {
            "parent" | "follows_from" | "err" | "ret" => true,
            "skip" => self.skip.is_empty(),
            _ => false,
        };
        slot.key == "ignore" || kind == Kind::Instrument && of_tracing
    }

    /// `tracing::instrument` warns of what it does not know, so that code that it compiles goes on to compile.
    fn warn(&mut self, arg: Arg) {
        self.warnings.push(slots::unknown(Kind::Instrument, &arg));
    }

    fn set(&mut self, slot: Slot, errors: &mut Errors) {
        let Slot { key, tokens, list } = slot;
        let span = key.span();
        match key.to_string().as_str() {
            // `tracing::instrument` takes a bare text as one.
            "name" => self.name = Some(tokens),
            "level" => self.level = Some((key, tokens)),
            "target" => self.target = Some(tokens),
            "kind" => self.kind = values::kind(&tokens, &key, errors),
            "fields" => self.fields.extend(fields::list(tokens, errors)),
            "on_failure" => self.on_failure = on_failure(tokens, errors),
            "args" => self.args = Some(span),
            "skip_all" => self.skip_all = Some(span),
            "skip" if list => self.skip.extend(names(tokens, errors)),
            "skip" => self.left_out = Some(span),
            "slow" => self.slow = values::duration(&tokens, &key, errors),
            "objective" => self.objective = objective(&key, tokens, errors),
            "in_flight" => self.in_flight = true,
            "metric" => self.metric = Some(tokens),
            "none" => {
                self.none_error = tokens.to_string() == "\"error\"";
                if !self.none_error {
                    errors.push(values::span(&tokens, &key), say::NONE);
                }
            }
            "error_if" => self.error_if = Some(tokens),
            "describe" => self.describe = values::describe(&tokens, &key, errors),
            "owner" => self.owner = values::text(&tokens, &key, errors),
            "parent" => self.parent = Some(tokens),
            "follows_from" => self.follows_from = Some(tokens),
            "err" => self.err = Some(format(tokens, false, errors)),
            "ret" => self.ret = Some(format(tokens, true, errors)),
            "ignore" if tokens.is_empty() => errors.push(span, say::IGNORE),
            "ignore" => self.ignore.push(tokens),
            "allow_sensitive" => self.allow_sensitive = true,
            _ => self.krate = errors.ok(Path::parse_mod_style.parse2(tokens)),
        }
    }

    fn read_event(&mut self, tokens: TokenStream, errors: &mut Errors) {
        let (mut what, mut on, mut owner, mut fields, mut given) =
            (None, None, None, Vec::new(), Vec::new());
        for (n, arg) in args::read(tokens, errors).into_iter().enumerate() {
            match (n, arg) {
                (0, Arg::Text(name)) => what = Some(What::Literal(name, Vec::new())),
                (0, Arg::Other(literal)) => what = Some(What::Typed(literal)),
                // A unit struct, a tuple struct, or a call that makes an event.
                (0, Arg::Word(word)) => what = Some(What::Typed(quote::quote!(#word))),
                (0, Arg::List(word, tokens)) => {
                    what = Some(What::Typed(quote::quote!(#word(#tokens))))
                }
                (_, arg) => match slots::option(Kind::BusinessEvent, arg, errors) {
                    Ok(Some(slot)) if is_again(&mut given, &slot, errors) => {}
                    Ok(Some(slot)) if slot.key == "on" => on = Some(slot.tokens),
                    Ok(Some(slot)) if slot.key == "owner" => {
                        owner = values::text(&slot.tokens, &slot.key, errors)
                    }
                    Ok(Some(slot)) => self.set(slot, errors),
                    Ok(None) => {}
                    Err(Arg::Value(key, tokens)) => {
                        let value = quote::quote!(#key = #tokens);
                        fields.extend(fields::one(value, errors));
                    }
                    Err(arg) => fields.extend(field(arg, errors)),
                },
            }
        }
        match what {
            None => errors.push(Span::call_site(), say::EVENT_NAME),
            Some(What::Typed(_)) if !fields.is_empty() => {
                errors.push(fields[0].span, say::EVENT_ON)
            }
            Some(What::Literal(name, _)) => {
                let what = What::Literal(name, fields);
                self.events.push(Event { what, on, owner });
            }
            Some(what) => self.events.push(Event { what, on, owner }),
        }
    }
}

fn is_again(given: &mut Vec<String>, slot: &Slot, errors: &mut Errors) -> bool {
    let key = slot.key.to_string();
    let again = given.contains(&key);
    if again {
        errors.push(slot.key.span(), say::twice(&key));
    }
    given.push(key);
    again
}

fn stray(arg: Arg, errors: &mut Errors) {
    let span = match &arg {
        Arg::Word(word) => word.span(),
        Arg::Sigil { span, .. } => *span,
        Arg::Text(text) => text.span(),
        Arg::Value(key, _) | Arg::List(key, _) => key.span(),
        Arg::Other(tokens) => values::span(tokens, &Ident::new("x", Span::call_site())),
    };
    errors.push(span, say::IGNORE);
}

/// An argument that is no option: a field.
fn field(arg: Arg, errors: &mut Errors) -> Option<Field> {
    match arg {
        Arg::Word(name) => Some(Field::argument(vec![name], How::ByType)),
        Arg::Sigil { debug, path, .. } => Some(Field::argument(
            path,
            if debug { How::Debug } else { How::Display },
        )),
        Arg::Text(text) => {
            errors.push(text.span(), say::STRAY_TEXT);
            None
        }
        other => {
            stray_field(other, errors);
            None
        }
    }
}

fn stray_field(arg: Arg, errors: &mut Errors) {
    if let Arg::Value(key, _) | Arg::List(key, _) = &arg {
        errors.push(key.span(), say::EXPECTED);
    } else if let Arg::Other(tokens) = &arg {
        let first = tokens.clone().into_iter().next();
        errors.push(
            first.map_or_else(Span::call_site, |t| t.span()),
            say::EXPECTED,
        );
    }
}

/// `a, b = expr, %c, clone(d)`
fn on_failure(tokens: TokenStream, errors: &mut Errors) -> OnFailure {
    let mut all = OnFailure::default();
    for part in args::split(tokens) {
        match args::one(part.clone()) {
            Some(Arg::List(word, arguments)) if word == "clone" => {
                all.cloned.extend(names(arguments, errors));
            }
            _ => all.fields.extend(fields::one(part, errors)),
        }
    }
    all
}

fn names(tokens: TokenStream, errors: &mut Errors) -> Vec<Ident> {
    let parts = args::split(tokens).into_iter();
    let ident = |input: ParseStream<'_>| input.call(Ident::parse_any);
    parts
        .filter_map(|part| errors.ok(ident.parse2(part)))
        .collect()
}

fn objective(key: &Ident, tokens: TokenStream, errors: &mut Errors) -> Option<Objective> {
    let mut objective = Objective::default();
    for arg in args::read(tokens, errors) {
        match arg {
            Arg::Value(word, value) if word == "success" => {
                objective.success = values::percent(&value, &word, errors)?;
            }
            Arg::Value(word, value) if word == "latency" => {
                objective.latency = values::duration(&value, &word, errors)?;
            }
            Arg::Value(word, value) if word == "at" => {
                objective.at = values::percent(&value, &word, errors)?
            }
            Arg::Value(word, _) | Arg::List(word, _) | Arg::Word(word) => {
                errors.push(word.span(), say::OBJECTIVE)
            }
            _ => errors.push(key.span(), say::OBJECTIVE),
        }
    }
    if (objective.latency == 0) != (objective.at == 0.0) {
        errors.push(key.span(), say::OBJECTIVE_AT);
    } else if objective.success == 0.0 && objective.latency == 0 {
        errors.push(key.span(), say::OBJECTIVE);
    }
    Some(objective)
}

fn format(tokens: TokenStream, debug: bool, errors: &mut Errors) -> Format {
    let mut format = Format { debug, level: None };
    for arg in args::read(tokens, errors) {
        match arg {
            Arg::Word(word) if word == "Debug" => format.debug = true,
            Arg::Word(word) if word == "Display" => format.debug = false,
            Arg::Value(key, value) if key == "level" => {
                // It is written from these tokens later; what is wrong with them is said once, here.
                values::level(&value, &key, &TokenStream::new(), errors);
                format.level = Some((key, value));
            }
            Arg::Word(word) | Arg::Value(word, _) | Arg::List(word, _) => {
                errors.push(word.span(), say::FORMAT)
            }
            Arg::Sigil { span, .. } => errors.push(span, say::FORMAT),
            Arg::Text(text) => errors.push(text.span(), say::FORMAT),
            Arg::Other(tokens) => errors.at(tokens, say::FORMAT),
        }
    }
    format
}
