//! What the attributes of a function, or of an item with functions in it, declare.

use super::event::{self, Event};
use super::fields;
use super::options::Options;
use crate::grammar::args::{self, Arg, first_span};
use crate::grammar::messages as say;
use crate::grammar::options::{Inherit as _, OptionSet as _, Reader, unknown};
use crate::grammar::{Attribute, Errors};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;

/// The attributes of a function and their options, not yet checked against the function.
#[derive(Clone, Default)]
pub(crate) struct Declaration {
    /// Has `#[traced]` or `#[instrument]`.
    pub(crate) traced: bool,
    /// Has `#[capture_errors]`.
    pub(crate) capture: bool,
    /// Has `#[instrument]`, and so the defaults of `tracing::instrument`.
    pub(crate) drop_in: bool,
    pub(crate) options: Options,
    pub(crate) events: Vec<Event>,
    /// The imports of the attributes that this declaration includes.
    pub(crate) folded: Vec<Ident>,
    /// What the compiler warns about.
    pub(crate) warnings: Vec<(Span, String)>,
}

impl Declaration {
    /// Whether an attribute repeats one that is already declared.
    pub(crate) fn repeats(&self, attribute: Attribute) -> bool {
        match attribute {
            Attribute::Traced | Attribute::Instrument => self.traced,
            Attribute::CaptureErrors => self.capture,
            _ => false,
        }
    }

    /// Takes from the declaration of the enclosing item what this one does not say.
    pub(crate) fn inherit(&mut self, outer: &Self) {
        let Self {
            traced,
            capture,
            drop_in,
            options,
            // These belong to the function or item that has them.
            events: _,
            folded: _,
            warnings: _,
        } = outer;
        self.traced |= traced;
        self.capture |= capture;
        self.drop_in |= drop_in;
        self.options.inherit(options);
    }

    /// Adds an attribute.
    pub(crate) fn read(&mut self, attribute: Attribute, tokens: TokenStream, errors: &mut Errors) {
        match attribute {
            Attribute::CaptureErrors => self.capture = true,
            Attribute::Instrument => {
                self.traced = true;
                self.drop_in = true;
            }
            Attribute::BusinessEvent => return self.read_event(tokens, errors),
            _ => self.traced = true,
        }
        let args = match attribute {
            Attribute::Instrument => args::read_loosely(tokens, errors),
            _ => args::read(tokens, errors),
        };
        let mut reader = Reader::new(attribute);
        for arg in args {
            let arg = match arg {
                // `tracing::instrument` accepts the name without `name =`.
                Arg::Text(text) if attribute == Attribute::Instrument => {
                    Arg::Value(Ident::new("name", text.span()), text.to_token_stream())
                }
                arg => arg,
            };
            if let Err(arg) = reader.take(arg, &mut self.options, errors) {
                self.other(attribute, arg, errors);
            }
        }
    }

    /// Adds an argument that is not an option.
    fn other(&mut self, attribute: Attribute, arg: Arg, errors: &mut Errors) {
        let is_keyed = matches!(arg, Arg::Value(..) | Arg::List(..));
        match attribute {
            // `tracing::instrument` only warns about unknown input, so code that compiles with it compiles here too.
            Attribute::Instrument => self.warnings.push(unknown::<Options>(attribute, &arg)),
            _ if is_keyed => {
                let (span, message) = unknown::<Options>(attribute, &arg);
                errors.push(span, message);
            }
            Attribute::CaptureErrors => errors.push(span_of(&arg), say::IGNORE),
            _ => {
                let field = fields::argument(attribute, arg, errors);
                self.options.fields.extend(field);
            }
        }
    }

    fn read_event(&mut self, tokens: TokenStream, errors: &mut Errors) {
        let (event, options) = event::read(tokens, errors);
        self.events.extend(event);
        // These two concern the whole function.
        let own = &mut self.options;
        own.allow_sensitive.inherit(&options.allow_sensitive);
        own.krate.inherit(&options.krate);
    }
}

fn span_of(arg: &Arg) -> Span {
    match arg {
        Arg::Word(word) | Arg::Value(word, _) | Arg::List(word, _) => word.span(),
        Arg::Sigil { span, .. } => *span,
        Arg::Text(text) => text.span(),
        Arg::Other(tokens) => first_span(tokens).unwrap_or_else(Span::call_site),
    }
}
