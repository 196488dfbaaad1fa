//! Tokens of an enum and its attributes, read and nothing else.

use crate::grammar::item_messages as say;
use crate::grammar::slots::Slots;
use crate::grammar::{Errors, Krate};
use proc_macro2::TokenStream;
use syn::{Attribute, Fields, Generics, Ident, Item, LitStr};

/// An enum as written.
pub(crate) struct ParsedEnum {
    pub attrs: Vec<Attribute>,
    pub ident: Ident,
    pub generics: Generics,
    pub variants: Vec<ParsedVariant>,
}

/// A variant as written.
pub(crate) struct ParsedVariant {
    pub attrs: Vec<Attribute>,
    pub ident: Ident,
    pub fieldless: bool,
    pub fields: Fields,
    /// The text of `#[label("..")]`.
    pub value: Option<LitStr>,
}

/// Reads the enum; `elsewhere` is the sentence for any other item.
pub(crate) fn read(item: TokenStream, elsewhere: &str, errors: &mut Errors) -> Option<ParsedEnum> {
    let item = match errors.ok(syn::parse2(item))? {
        Item::Enum(item) => item,
        Item::Struct(item) => return refuse(&item.ident, elsewhere, errors),
        Item::Union(item) => return refuse(&item.ident, elsewhere, errors),
        other => {
            errors.at(other, elsewhere);
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

fn refuse(ident: &Ident, elsewhere: &str, errors: &mut Errors) -> Option<ParsedEnum> {
    errors.push(ident.span(), elsewhere);
    None
}

fn variant_of(variant: syn::Variant, errors: &mut Errors) -> ParsedVariant {
    let labels = named(&variant.attrs, "label");
    let before = errors.count();
    let mut slots = Slots::of_attributes(&labels, &["rename"], errors);
    let rename = slots.string("rename", errors);
    if let Some(label) = labels.first()
        && slots.text.is_none()
        && rename.is_none()
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
        value: slots.text.or(rename),
        fields: variant.fields,
        attrs: variant.attrs,
        ident: variant.ident,
    }
}

/// Where the runtime is, by the `crate = path` of the attribute `name`.
pub(crate) fn krate(attrs: &[Attribute], name: &str, errors: &mut Errors) -> Krate {
    let mut slots = Slots::of_attributes(&named(attrs, name), &["crate"], errors);
    if let Some(text) = &slots.text {
        errors.push(text.span(), say::ON_A_VARIANT);
    }
    Krate::at(slots.path("crate", errors))
}

/// The attributes of one name.
pub(crate) fn named(attrs: &[Attribute], name: &str) -> Vec<Attribute> {
    let named = attrs.iter().filter(|attr| attr.path().is_ident(name));
    named.cloned().collect()
}
