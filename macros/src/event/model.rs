//! A business event in which each field has one role.

use super::options::{EventOptions, FieldOptions, FormatOptions};
use crate::grammar::format::Format;
use crate::grammar::help::Help;
use crate::grammar::limits::{Budget, MOST_LABELS, refuse_unbounded};
use crate::grammar::messages as say;
use crate::grammar::unit::Unit;
use crate::grammar::{Errors, Krate, names};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Fields, Generics, Ident, ItemStruct, LitStr, Type};

/// The struct and what it emits.
pub(crate) struct Event {
    /// Where the runtime is.
    pub krate: Krate,
    /// The struct as the user wrote it, without the attributes that are ours.
    pub item: ItemStruct,
    pub name: LitStr,
    pub help: Help,
    pub owner: Option<LitStr>,
    pub budget: Option<Budget>,
    /// In declaration order, without skipped ones.
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

/// What a field is, in addition to a field of the log record.
#[derive(Clone)]
pub(crate) enum Role {
    Plain,
    /// A label of the event's counter.
    Label,
    /// A histogram.
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

/// Checks the struct and removes our attributes from it.
pub(crate) fn build(
    mut item: ItemStruct,
    options: EventOptions,
    krate: Krate,
    errors: &mut Errors,
) -> Event {
    let name = match options.name {
        Some(name) => {
            names::signal(&name.value(), name.span(), errors);
            name
        }
        None => {
            if errors.is_empty() {
                errors.push(item.ident.span(), say::EVENT_WITHOUT_NAME);
            }
            LitStr::new("", item.ident.span())
        }
    };
    if let Fields::Unnamed(unnamed) = &item.fields {
        errors.at(unnamed, say::EVENT_ON_TUPLE);
    }
    let declaration = Declaration {
        name: name.value(),
        generics: item.generics.clone(),
        allow_sensitive: options.allow_sensitive.is_some(),
    };
    let fields = item.fields.iter_mut();
    let fields = fields
        .filter_map(|field| declaration.field(field, errors))
        .collect();
    let event = Event {
        krate,
        help: Help::of(&item.attrs).unwrap_or(Help::Text(String::new())),
        item,
        name,
        owner: options.owner,
        budget: options.budget,
        fields,
    };
    if let Some(over) = event.labels().nth(MOST_LABELS) {
        errors.push(over.ident.span(), say::too_many_labels(MOST_LABELS));
    }
    event
}

/// What the checks of fields need from the event.
struct Declaration {
    name: String,
    generics: Generics,
    allow_sensitive: bool,
}

impl Declaration {
    /// Reads a field; none if it is skipped.
    fn field(&self, field: &mut syn::Field, errors: &mut Errors) -> Option<Field> {
        let options = super::options::field(field, errors);
        let ident = field.ident.clone()?;
        let role = role(&options, errors);
        if options.format.skip.is_some() {
            return None;
        }
        if let Some(cfg) = field.attrs.iter().find(|attr| attr.path().is_ident("cfg")) {
            errors.at(cfg, say::EVENT_FIELD_CFG);
        }
        let field = Field {
            key: names::unraw(&ident),
            ident,
            ty: field.ty.clone(),
            format: format(&options.format, errors),
            role,
        };
        self.check(&field, errors);
        Some(field)
    }

    /// Checks the name and type of a field.
    fn check(&self, field: &Field, errors: &mut Errors) {
        let Field { ident, key, ty, .. } = field;
        if let Some(word) = names::sensitive(key).filter(|_| !self.allow_sensitive) {
            errors.push(ident.span(), say::sensitive_field(key, word));
        }
        match &field.role {
            Role::Label => {
                names::label(key, ident.span(), errors);
                refuse_unbounded(ty, key, errors);
                if names_parameter(ty, &self.generics) {
                    errors.at(ty, say::EVENT_LABEL_GENERIC);
                }
            }
            Role::Measure(_) => {
                names::suffix(&format!("{}.{key}", self.name), ident.span(), errors);
            }
            Role::Plain => {}
        }
    }
}

/// The format that the attributes choose.
fn format(options: &FormatOptions, errors: &mut Errors) -> Format {
    match (options.display, options.debug) {
        (None, None) => Format::Auto,
        (Some(_), None) => Format::Display,
        (None, Some(_)) => Format::Debug,
        (Some(_), Some(debug)) => {
            errors.push(debug, say::DISPLAY_AND_DEBUG);
            Format::Debug
        }
    }
}

/// The role that the attributes choose.
fn role(options: &FieldOptions, errors: &mut Errors) -> Role {
    let parts = [
        options.format.skip.map(|span| (span, "field(skip)")),
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

/// Whether `ty` mentions a type parameter of the struct, which a static cannot name.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::Attribute;
    use crate::grammar::options::read;
    use quote::quote;

    fn built(args: TokenStream, item: ItemStruct) -> (Event, Vec<String>) {
        let mut errors = Errors::default();
        let options = read(Attribute::EventDeclaration, [args], &mut errors);
        let event = build(item, options, Krate::default(), &mut errors);
        (event, errors.messages())
    }

    #[test]
    fn each_field_has_one_role() {
        let (event, errors) = built(
            quote!("payment.released", allow_sensitive, owner = "payments",),
            syn::parse_quote! {
                /// Money left escrow.
                pub struct PaymentReleased<'a, T> {
                    pub id: u64,
                    #[measure(usd)] pub amount: f64,
                    #[measure] pub r#type: f64,
                    #[label] pub trade: Trade,
                    #[field(debug)] pub note: &'a T,
                    #[field(skip)] pub left_out: u8,
                    pub token: u8,
                }
            },
        );
        assert_eq!(errors, Vec::<String>::new());
        let keys: Vec<&str> = event.fields.iter().map(|field| &*field.key).collect();
        assert_eq!(keys, ["id", "amount", "type", "trade", "note", "token"]);
        let measures: Vec<_> = event
            .measures()
            .map(|(field, unit)| (&*field.key, unit.name))
            .collect();
        assert_eq!(measures, [("amount", "Usd"), ("type", "None")]);
        assert_eq!(event.labels().count(), 1);
        assert_eq!(event.fields[4].format, Format::Debug);
        assert!(event.item.fields.iter().all(|field| field.attrs.is_empty()));
    }

    #[test]
    fn all_mistakes_at_once() {
        let (_, errors) = built(
            quote!("Payment.total", onwer = "x"),
            syn::parse_quote! {
                struct PaymentReleased<T> {
                    password: u64,
                    #[label] le: T,
                    #[label] city: String,
                    #[measure(usd)] #[label] amount: f64,
                    #[measure(pound)] total: f64,
                }
            },
        );
        assert_eq!(errors.len(), 9, "{errors:#?}");
    }
}
