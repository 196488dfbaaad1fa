//! A business event of which every field has one part to play.

use super::parse::{EventOptions, FieldOptions};
use crate::catalog::{MOST_LABELS, bounded};
use crate::grammar::docs::Help;
use crate::grammar::item_messages as say;
use crate::grammar::unit::Unit;
use crate::grammar::{Errors, Krate, names};
use crate::label::model::bare;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Fields, Generics, Ident, ItemStruct, LitStr, Type};

/// The struct and what is emitted of it.
pub(crate) struct Event {
    /// Where the runtime is.
    pub krate: Krate,
    /// The struct as the user wrote it, without the attributes that are ours.
    pub item: ItemStruct,
    pub name: LitStr,
    pub help: Help,
    pub owner: Option<LitStr>,
    /// In the order of the declaration, without those left out.
    pub fields: Vec<Field>,
}

/// A field that is recorded.
pub(crate) struct Field {
    pub ident: Ident,
    /// Its name, without `r#`.
    pub key: String,
    pub ty: Type,
    pub format: Format,
    pub role: Role,
}

/// How the field's value is written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// As its type allows: a value, else `Display`, else `Debug`.
    ByType,
    Display,
    Debug,
}

/// What a field is beside a field of the log record.
#[derive(Clone)]
pub(crate) enum Role {
    Plain,
    /// A label of the event's counter.
    Label,
    /// A histogram, and so a sum, of its own.
    Measure(Unit),
}

impl Event {
    /// The fields that label the event's counter.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &Field> {
        self.fields
            .iter()
            .filter(|field| matches!(field.role, Role::Label))
    }

    /// The fields that are measured, with their units.
    pub(crate) fn measures(&self) -> impl Iterator<Item = (&Field, &Unit)> {
        self.fields.iter().filter_map(|field| match &field.role {
            Role::Measure(unit) => Some((field, unit)),
            Role::Plain | Role::Label => None,
        })
    }
}

/// Checks the struct and takes our attributes off it.
pub(crate) fn build(
    mut item: ItemStruct,
    options: EventOptions,
    krate: Krate,
    errors: &mut Errors,
) -> Event {
    let name = options.name.unwrap_or_else(|| {
        errors.push(item.ident.span(), say::EVENT_WITHOUT_NAME);
        LitStr::new("", item.ident.span())
    });
    if !name.value().is_empty() || errors.is_empty() {
        names::signal(&name.value(), name.span(), errors);
    }
    let help = Help::of(&item.attrs).unwrap_or(Help::Text(String::new()));
    let generics = item.generics.clone();
    let mut fields = Vec::new();
    match &mut item.fields {
        Fields::Named(named) => {
            for field in &mut named.named {
                fields.extend(self::field(
                    field,
                    &generics,
                    options.allow_sensitive,
                    errors,
                ));
            }
        }
        Fields::Unnamed(unnamed) => errors.at(unnamed, say::EVENT_ON_TUPLE),
        Fields::Unit => {}
    }
    let event = Event {
        krate,
        item,
        name,
        help,
        owner: options.owner,
        fields,
    };
    if let Some(over) = event.labels().nth(MOST_LABELS) {
        errors.push(over.ident.span(), say::too_many_labels(MOST_LABELS));
    }
    event
}

/// What one field is, if it is recorded at all.
fn field(
    field: &mut syn::Field,
    generics: &Generics,
    secrets: bool,
    errors: &mut Errors,
) -> Option<Field> {
    let options = super::parse::field(field, errors);
    let ident = field.ident.clone()?;
    let key = bare(&ident);
    let role = role(&options, errors);
    if options.skip.is_some() {
        return None;
    }
    if let Some(cfg) = field.attrs.iter().find(|attr| attr.path().is_ident("cfg")) {
        errors.at(cfg, say::EVENT_FIELD_CFG);
    }
    if let Some(word) = names::sensitive(&key).filter(|_| !secrets) {
        errors.push(ident.span(), say::sensitive_field(&key, word));
    }
    if matches!(role, Role::Label) {
        names::label(&key, ident.span(), errors);
        bounded(&field.ty, &key, errors);
        if names_parameter(&field.ty, generics) {
            errors.at(&field.ty, say::EVENT_LABEL_GENERIC);
        }
    }
    if matches!(role, Role::Measure(_)) {
        names::suffix(&key, ident.span(), errors);
    }
    let format = match (options.display, options.debug) {
        (None, None) => Format::ByType,
        (Some(_), None) => Format::Display,
        (None, Some(_)) => Format::Debug,
        (Some(_), Some(debug)) => {
            errors.push(debug, say::two_roles("display", "debug"));
            Format::Debug
        }
    };
    Some(Field {
        ident,
        key,
        ty: field.ty.clone(),
        format,
        role,
    })
}

/// The one part a field plays.
fn role(options: &FieldOptions, errors: &mut Errors) -> Role {
    let parts = [
        options.skip.map(|span| (span, "field(skip)")),
        options.label.map(|span| (span, "label")),
        options.measure.map(|unit| (unit.span, "measure")),
    ];
    let mut parts = parts.into_iter().flatten();
    if let (Some((_, first)), Some((span, second))) = (parts.next(), parts.next()) {
        errors.push(span, say::two_roles(first, second));
    }
    match (options.label, options.measure) {
        (Some(_), _) => Role::Label,
        (None, Some(unit)) => Role::Measure(unit),
        (None, None) => Role::Plain,
    }
}

/// Whether a type parameter of the struct stands in `ty`: a static cannot name one.
fn names_parameter(ty: &Type, generics: &Generics) -> bool {
    fn any(tokens: TokenStream, generics: &Generics) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => any(group.stream(), generics),
            TokenTree::Ident(ident) => generics.type_params().any(|param| param.ident == ident),
            _ => false,
        })
    }
    any(ty.to_token_stream(), generics)
}
