//! The `#[outcome(..)]` of a variant, read and nothing else.

use super::model::Kind;
use crate::grammar::Errors;
use crate::grammar::item_messages as say;
use crate::grammar::slots::Slots;
use crate::label::parse::named;
use proc_macro2::{Ident, Span};
use syn::{Attribute, LitInt};

/// What a variant says of itself.
pub(crate) struct ParsedClass {
    /// Where its attributes are; none: it says nothing.
    pub given: Option<Attribute>,
    /// The classes, in the order written.
    pub classes: Vec<Ident>,
    pub http: Option<LitInt>,
    pub page: Option<Span>,
    /// The word that hands on what the error inside says.
    pub transparent: Option<Span>,
}

/// Reads the attributes of one variant.
pub(crate) fn class(attrs: &[Attribute], errors: &mut Errors) -> ParsedClass {
    let ours = named(attrs, "outcome");
    let mut slots = Slots::of_attributes(&ours, &known(), errors);
    let classes: Vec<Ident> = slots
        .keys()
        .filter(|key| Kind::of(&key.to_string()).is_some())
        .cloned()
        .collect();
    for class in &classes {
        slots.flag(&class.to_string(), errors);
    }
    if let Some(text) = &slots.text {
        errors.push(text.span(), say::OUTCOME_TEXT);
    }
    ParsedClass {
        classes,
        http: slots.number("http", errors),
        page: slots.flag("page", errors),
        transparent: slots.flag(TRANSPARENT, errors),
        given: ours.into_iter().next(),
    }
}

/// The word of a variant that has the class of the error inside it.
const TRANSPARENT: &str = "transparent";

/// The words of the attribute.
fn known() -> Vec<&'static str> {
    let more = [TRANSPARENT, "http", "page"];
    Kind::WORDS.into_iter().chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::orders;
    use quote::quote;
    use syn::parse_quote;

    #[test]
    fn a_class_means_the_same_in_every_order() {
        let parts = [quote!(client), quote!(http = 409), quote!(page)];
        orders::each(&parts, &mut |list, within| {
            let mut errors = Errors::default();
            let class = class(&[parse_quote!(#[outcome(#list)])], &mut errors);
            assert_eq!(errors.messages(), Vec::<String>::new(), "{list}");
            assert_eq!(class.classes.len(), usize::from(within[0]), "{list}");
            assert_eq!(class.http.is_some(), within[1], "{list}");
            assert_eq!(class.page.is_some(), within[2], "{list}");
        });
    }
}
