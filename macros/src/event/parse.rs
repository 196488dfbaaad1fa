//! Tokens of an event's declaration, read and nothing else.

use crate::catalog::Budget;
use crate::grammar::item_messages as say;
use crate::grammar::slots::Slots;
use crate::grammar::unit::Unit;
use crate::grammar::{Errors, nearest};
use crate::label::parse::named;
use proc_macro2::Span;
use syn::{Attribute, Field, Ident, LitStr, Path};

/// The keys of `#[business_event(..)]` on a struct.
pub(crate) const OPTIONS: [&str; 4] = ["allow_sensitive", "budget", "owner", "crate"];

/// The options of `#[business_event(..)]` on a struct.
pub(crate) struct EventOptions {
    pub name: Option<LitStr>,
    pub owner: Option<LitStr>,
    pub budget: Option<Budget>,
    pub allow_sensitive: bool,
    pub krate: Option<Path>,
}

/// Reads what stands in the parentheses.
pub(crate) fn options(mut slots: Slots, errors: &mut Errors) -> EventOptions {
    EventOptions {
        owner: slots.string("owner", errors),
        budget: Budget::take(&mut slots, errors),
        allow_sensitive: slots.flag("allow_sensitive", errors).is_some(),
        krate: slots.path("crate", errors),
        name: slots.text,
    }
}

/// What the attributes of a field say.
pub(crate) struct FieldOptions {
    pub skip: Option<Span>,
    pub display: Option<Span>,
    pub debug: Option<Span>,
    pub label: Option<Span>,
    pub measure: Option<Unit>,
}

/// Takes our attributes off a field.
pub(crate) fn field(field: &mut Field, errors: &mut Errors) -> FieldOptions {
    let label = take(field, "label");
    if let Some(label) = label
        .iter()
        .find(|label| label.meta.require_path_only().is_err())
    {
        errors.at(label, say::FIELD_LABEL);
    }
    let measure = take(field, "measure");
    let mut how =
        Slots::of_attributes(&take(field, "field"), &["skip", "display", "debug"], errors);
    FieldOptions {
        skip: how.flag("skip", errors),
        display: how.flag("display", errors),
        debug: how.flag("debug", errors),
        label: label
            .first()
            .map(|label| label.path().segments[0].ident.span()),
        measure: measure.first().map(|measure| unit(measure, errors)),
    }
}

/// The unit of a `#[measure(unit)]`, or none of a bare `#[measure]`.
fn unit(measure: &Attribute, errors: &mut Errors) -> Unit {
    let none = Unit::none(measure.path().segments[0].ident.span());
    if measure.meta.require_path_only().is_ok() {
        return none;
    }
    let Ok(word) = measure.parse_args::<Ident>() else {
        errors.at(measure, say::measure(&Unit::WORDS));
        return none;
    };
    Unit::of_word(&word.to_string(), word.span()).unwrap_or_else(|| {
        let near = nearest(&word.to_string(), &Unit::WORDS);
        errors.push(
            word.span(),
            say::unknown_unit(&word.to_string(), near, &Unit::WORDS),
        );
        none
    })
}

fn take(field: &mut Field, name: &str) -> Vec<Attribute> {
    let ours = named(&field.attrs, name);
    field.attrs.retain(|attr| !attr.path().is_ident(name));
    ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::orders;
    use quote::quote;

    #[test]
    fn options_mean_the_same_in_every_order() {
        let parts = [
            quote!("payment.released"),
            quote!(allow_sensitive),
            quote!(owner = "payments"),
            quote!(budget = 7),
            quote!(crate = ::some::path),
        ];
        orders::each(&parts, &mut |list, within| {
            let mut errors = Errors::default();
            let slots = Slots::read(list.clone(), &OPTIONS, &mut errors);
            let options = options(slots, &mut errors);
            assert_eq!(errors.messages(), Vec::<String>::new(), "{list}");
            let found = [
                options.name.is_some(),
                options.allow_sensitive,
                options.owner.is_some(),
                options.budget.is_some(),
                options.krate.is_some(),
            ];
            assert_eq!(found, within, "{list}");
        });
    }
}
