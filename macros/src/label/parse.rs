//! An enum and the labels of its variants.

use super::options::LabelOptions;
use crate::grammar::attrs::{arguments, named};
use crate::grammar::messages as say;
use crate::grammar::options::read as read_options;
use crate::grammar::{Attribute, Errors};
use proc_macro2::TokenStream;
use syn::{Fields, Generics, Ident, Item, LitStr};

/// An enum in source form.
pub(crate) struct ParsedEnum {
    pub attrs: Vec<syn::Attribute>,
    pub ident: Ident,
    pub generics: Generics,
    pub variants: Vec<ParsedVariant>,
}

/// A variant in source form.
pub(crate) struct ParsedVariant {
    pub attrs: Vec<syn::Attribute>,
    pub ident: Ident,
    pub fieldless: bool,
    pub fields: Fields,
    /// The text of `#[label("..")]`.
    pub value: Option<LitStr>,
}

/// Reads the enum; `wrong_item` is the message for any other item.
pub(crate) fn read(item: TokenStream, wrong_item: &str, errors: &mut Errors) -> Option<ParsedEnum> {
    let item = match errors.ok(syn::parse2(item))? {
        Item::Enum(item) => item,
        Item::Struct(item) => return refuse(&item.ident, wrong_item, errors),
        Item::Union(item) => return refuse(&item.ident, wrong_item, errors),
        other => {
            errors.at(other, wrong_item);
            return None;
        }
    };
    let variants = item
        .variants
        .into_iter()
        .map(|variant| variant_of(variant, errors));
    Some(ParsedEnum {
        attrs: item.attrs,
        ident: item.ident,
        generics: item.generics,
        variants: variants.collect(),
    })
}

fn refuse(ident: &Ident, wrong_item: &str, errors: &mut Errors) -> Option<ParsedEnum> {
    errors.push(ident.span(), wrong_item);
    None
}

fn variant_of(variant: syn::Variant, errors: &mut Errors) -> ParsedVariant {
    let labels = named(&variant.attrs, "label");
    let before = errors.count();
    let lists = arguments(&labels, errors);
    let options: LabelOptions = read_options(Attribute::Label, lists, errors);
    let value = options.value.or(options.rename);
    if let Some(label) = labels.first()
        && value.is_none()
        && errors.count() == before
    {
        errors.at(label, say::LABEL_EMPTY);
    }
    ParsedVariant {
        fieldless: match &variant.fields {
            Fields::Unit => true,
            Fields::Named(fields) => fields.named.is_empty(),
            Fields::Unnamed(fields) => fields.unnamed.is_empty(),
        },
        value,
        fields: variant.fields,
        attrs: variant.attrs,
        ident: variant.ident,
    }
}
