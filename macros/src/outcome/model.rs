//! An enum of errors in which each variant has a class.

use super::class::{Class, ClassKind};
use super::options::{self, OutcomeOptions};
use crate::grammar::messages as say;
use crate::grammar::{Errors, Krate};
use crate::label::model::values;
use crate::label::parse::{ParsedEnum, ParsedVariant};
use proc_macro2::Span;
use syn::{Attribute, Generics, Ident, LitInt, Member, Type};

/// An enum that derives `Outcome`.
pub(crate) struct OutcomeEnum {
    pub krate: Krate,
    pub ident: Ident,
    pub generics: Generics,
    pub variants: Vec<Variant>,
}

/// A classified variant.
pub(crate) struct Variant {
    pub ident: Ident,
    /// The value of the `error` label.
    pub text: String,
    pub meaning: Meaning,
}

/// What an error of a variant means.
pub(crate) enum Meaning {
    Own(Class),
    OfInner(Box<Inner>),
}

/// The error inside a transparent variant.
pub(crate) struct Inner {
    pub member: Member,
    pub ty: Type,
    /// The variant has a label of its own.
    pub labelled: bool,
}

/// Checks the enum as a whole.
pub(crate) fn build(parsed: ParsedEnum, krate: Krate, errors: &mut Errors) -> OutcomeEnum {
    let ParsedEnum {
        ident,
        generics,
        variants,
        ..
    } = parsed;
    let mut unclassified = Vec::new();
    let mut meanings = Vec::with_capacity(variants.len());
    for variant in &variants {
        let before = errors.count();
        let options = options::variant(&variant.attrs, errors);
        let has_class = options.transparent.is_some() || !options.classes().is_empty();
        match first_outcome(&variant.attrs) {
            None => unclassified.push(&variant.ident),
            Some(attr) if !has_class && errors.count() == before => {
                errors.at(attr, say::CLASS_MISSING);
            }
            Some(_) => {}
        }
        meanings.push(meaning(&options, variant, errors));
    }
    if let Some(first) = unclassified.first() {
        errors.push(first.span(), say::unclassified(&unclassified));
    }
    let values = values(variants, errors).into_iter().zip(meanings);
    OutcomeEnum {
        krate,
        ident,
        generics,
        variants: values
            .map(|(value, meaning)| Variant {
                ident: value.variant,
                text: value.text,
                meaning,
            })
            .collect(),
    }
}

fn first_outcome(attrs: &[Attribute]) -> Option<&Attribute> {
    attrs.iter().find(|attr| attr.path().is_ident("outcome"))
}

fn meaning(options: &OutcomeOptions, variant: &ParsedVariant, errors: &mut Errors) -> Meaning {
    if let Some(span) = options.transparent {
        refuse_beside(options, errors);
        match inner(variant) {
            Some(inner) => return Meaning::OfInner(Box::new(inner)),
            None => errors.push(span, say::transparent(&variant.ident, variant.fields.len())),
        }
    }
    Meaning::Own(class(options, variant.ident.span(), errors))
}

/// Refuses what a transparent variant takes from the error inside it.
fn refuse_beside(options: &OutcomeOptions, errors: &mut Errors) {
    for (_, word, span) in options.classes() {
        errors.push(span, say::transparent_beside(word));
    }
    if let Some(status) = &options.http {
        errors.push(status.span(), say::transparent_beside("http"));
    }
    if let Some(page) = options.page {
        errors.push(page, say::transparent_beside("page"));
    }
}

/// The only field of a variant.
fn inner(variant: &ParsedVariant) -> Option<Inner> {
    if variant.fields.len() != 1 {
        return None;
    }
    let field = variant.fields.iter().next()?;
    Some(Inner {
        member: match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::from(0),
        },
        ty: field.ty.clone(),
        labelled: variant.value.is_some(),
    })
}

/// The class that the attribute of a variant gives.
fn class(options: &OutcomeOptions, variant: Span, errors: &mut Errors) -> Class {
    let classes = options.classes();
    if let [(_, first, _), (_, second, span), ..] = classes[..] {
        errors.push(span, say::two_classes(first, second));
    }
    let (kind, span) = match classes.first() {
        Some((kind, _, span)) => (*kind, *span),
        None => (ClassKind::Server, variant),
    };
    Class {
        kind,
        span,
        http: options
            .http
            .as_ref()
            .map_or(0, |status| http(status, errors)),
        page: options.page.is_some(),
    }
}

fn http(status: &LitInt, errors: &mut Errors) -> u16 {
    match status.base10_parse() {
        Ok(status @ 400..=599) => status,
        _ => {
            errors.push(status.span(), say::HTTP_STATUS);
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    type Classes = Vec<(String, ClassKind, u16, bool)>;

    fn built(item: proc_macro2::TokenStream) -> (Classes, Vec<String>) {
        let mut errors = Errors::default();
        let parsed = crate::label::parse::read(item, say::OUTCOME_ON_STRUCT, &mut errors);
        let Some(parsed) = parsed else {
            return (Vec::new(), errors.messages());
        };
        let built = build(parsed, Krate::default(), &mut errors);
        let classes = built.variants.into_iter();
        let classes = classes.filter_map(|v| match v.meaning {
            Meaning::Own(class) => Some((v.text, class.kind, class.http, class.page)),
            Meaning::OfInner(_) => None,
        });
        (classes.collect(), errors.messages())
    }

    #[test]
    fn each_variant_has_its_class() {
        let (classes, errors) = built(quote! {
            enum E {
                #[outcome(expected)] NotFound(u8),
                #[outcome(client, http = 409,)] Conflict,
                #[outcome(page, fatal)] #[label("ledger_broken")] Ledger { at: u8 },
            }
        });
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(
            classes,
            [
                ("not_found".to_owned(), ClassKind::Expected, 0, false),
                ("conflict".to_owned(), ClassKind::Client, 409, false),
                ("ledger_broken".to_owned(), ClassKind::Fatal, 0, true),
            ]
        );
    }

    #[test]
    fn f62_a_transparent_variant_has_one_field_and_no_class_of_its_own() {
        let (classes, errors) = built(quote! {
            enum E {
                #[outcome(transparent)] A(u8),
                #[outcome(transparent)] B { source: u8 },
            }
        });
        assert_eq!((classes, errors), (Vec::new(), Vec::new()));
        let (_, errors) = built(quote! {
            enum E {
                #[outcome(transparent)] A,
                #[outcome(transparent)] B(u8, u8),
                #[outcome(transparent, client, http = 404, page)] C(u8),
            }
        });
        assert_eq!(errors.len(), 5, "{errors:#?}");
    }

    #[test]
    fn all_mistakes_at_once() {
        let (_, errors) = built(quote! {
            enum E {
                A,
                #[outcome(cleint)] B,
                #[outcome(client, retry, http = 200)] C,
                #[outcome(expected = 5)] D,
                E,
            }
        });
        assert_eq!(errors.len(), 5, "{errors:#?}");
        assert!(errors.iter().any(|e| e.contains("did you mean `client`")));
        assert!(
            errors
                .iter()
                .any(|e| e.starts_with("`A`, `E` have no class"))
        );
    }
}
