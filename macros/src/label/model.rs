//! An enum whose variants have distinct label values.

use super::case::snake_case;
use super::parse::{ParsedEnum, ParsedVariant};
use crate::grammar::messages as say;
use crate::grammar::{Errors, names};
use syn::{Generics, Ident};

/// The longest label value, in characters: Datadog truncates tags after it.
const LONGEST: usize = 200;

/// An enum that derives `Label`.
pub(crate) struct LabelEnum {
    pub ident: Ident,
    pub generics: Generics,
    pub values: Vec<Value>,
    pub shape: Shape,
}

/// Whether the enum can label a metric or only name its variants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// No variant has data: implements `Label` and `VariantLabel`.
    Fieldless,
    /// Some variant has data: implements `VariantLabel` only.
    WithData,
}

/// A variant and its value.
pub(crate) struct Value {
    pub variant: Ident,
    pub text: String,
}

/// Checks the enum as a whole.
pub(crate) fn build(parsed: ParsedEnum, errors: &mut Errors) -> LabelEnum {
    if parsed.variants.is_empty() {
        errors.push(
            parsed.ident.span(),
            say::label_without_variants(&parsed.ident),
        );
    }
    let shape = if parsed.variants.iter().all(|variant| variant.fieldless) {
        Shape::Fieldless
    } else {
        Shape::WithData
    };
    LabelEnum {
        values: values(parsed.variants, errors),
        ident: parsed.ident,
        generics: parsed.generics,
        shape,
    }
}

/// The value of each variant; reports invalid and duplicate values.
pub(crate) fn values(variants: Vec<ParsedVariant>, errors: &mut Errors) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::with_capacity(variants.len());
    for variant in variants {
        let (text, span) = match &variant.value {
            Some(given) => (given.value(), given.span()),
            None => (
                snake_case(&names::unraw(&variant.ident)),
                variant.ident.span(),
            ),
        };
        if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            errors.push(span, say::label_value(LONGEST));
        } else if let Some(first) = values.iter().find(|value| value.text == text) {
            errors.push(span, say::label_value_twice(&text, &first.variant));
        }
        values.push(Value {
            variant: variant.ident,
            text,
        });
    }
    values
}
