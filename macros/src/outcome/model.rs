//! An error type whose every variant says what it means for the service.

use super::parse::ParsedClass;
use crate::grammar::item_messages as say;
use crate::grammar::{Errors, Krate};
use crate::label::model::values;
use crate::label::parse::ParsedEnum;
use proc_macro2::Span;
use syn::{Generics, Ident, LitInt};

/// What to derive `Outcome` for.
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
    pub class: Class,
}

/// What an error of this variant means.
pub(crate) struct Class {
    pub kind: Kind,
    /// The word that says so.
    pub span: Span,
    /// 0: by kind.
    pub http: u16,
    pub page: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Expected,
    Client,
    Retry,
    Server,
    Fatal,
}

impl Kind {
    /// The words of the attribute, in the order of the enum.
    pub(crate) const WORDS: [&'static str; 5] = ["expected", "client", "retry", "server", "fatal"];

    pub(crate) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "expected" => Kind::Expected,
            "client" => Kind::Client,
            "retry" => Kind::Retry,
            "server" => Kind::Server,
            "fatal" => Kind::Fatal,
            _ => return None,
        })
    }

    /// The variant of the runtime's `ErrorKind`.
    pub(crate) fn variant(self) -> &'static str {
        ["Expected", "Client", "Retry", "Server", "Fatal"][self as usize]
    }
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
    let mut classes = Vec::with_capacity(variants.len());
    for variant in &variants {
        let before = errors.count();
        let parsed = super::parse::class(&variant.attrs, errors);
        match &parsed.given {
            None => unclassified.push(&variant.ident),
            Some(given) if parsed.classes.is_empty() && errors.count() == before => {
                errors.at(given, say::CLASS_MISSING);
            }
            Some(_) => {}
        }
        classes.push(class(parsed, variant.ident.span(), errors));
    }
    if let Some(first) = unclassified.first() {
        errors.push(first.span(), say::unclassified(&unclassified));
    }
    let values = values(variants, errors).into_iter().zip(classes);
    OutcomeEnum {
        krate,
        ident,
        generics,
        variants: values
            .map(|(value, class)| Variant {
                ident: value.variant,
                text: value.text,
                class,
            })
            .collect(),
    }
}

/// What a variant's attribute means.
fn class(parsed: ParsedClass, variant: Span, errors: &mut Errors) -> Class {
    if let [first, second, ..] = &*parsed.classes {
        errors.push(second.span(), say::two_classes(first, second));
    }
    let word = parsed.classes.first();
    Class {
        kind: word
            .and_then(|word| Kind::of(&word.to_string()))
            .unwrap_or(Kind::Server),
        span: word.map_or(variant, Ident::span),
        http: parsed.http.map_or(0, |status| http(&status, errors)),
        page: parsed.page.is_some(),
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

    type Classes = Vec<(String, Kind, u16, bool)>;

    fn built(item: proc_macro2::TokenStream) -> (Classes, Vec<String>) {
        let mut errors = Errors::default();
        let parsed = crate::label::parse::read(item, say::OUTCOME_ON_STRUCT, &mut errors);
        let Some(parsed) = parsed else {
            return (Vec::new(), errors.messages());
        };
        let built = build(parsed, Krate::default(), &mut errors);
        let classes = built.variants.into_iter();
        let classes = classes.map(|v| (v.text, v.class.kind, v.class.http, v.class.page));
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
                ("not_found".to_owned(), Kind::Expected, 0, false),
                ("conflict".to_owned(), Kind::Client, 409, false),
                ("ledger_broken".to_owned(), Kind::Fatal, 0, true),
            ]
        );
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
                .any(|e| e.starts_with("`A`, `E` are not classified"))
        );
    }
}
