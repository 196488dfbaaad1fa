//! The options of a declared event and of its fields.

use crate::grammar::attrs::{arguments, named};
use crate::grammar::kinds::{self, Flag, Path, Text};
use crate::grammar::limits::Budget;
use crate::grammar::messages as say;
use crate::grammar::options::{options, read};
use crate::grammar::unit::Unit;
use crate::grammar::{Attribute, Errors};
use proc_macro2::Span;
use syn::{Field, Ident};

options! {
    /// The options of `#[business_event(..)]` on a struct.
    pub(crate) struct EventOptions {
        /// The name of the event.
        name: Text, Text, on [EventDeclaration], own;
        /// The team that is responsible for the event.
        owner: Text, Value("\"..\""), on [EventDeclaration], own;
        /// How many series its counter and each measure may have.
        budget: Budget, Value("100"), on [EventDeclaration], own;
        /// Allows field names that look like secrets.
        allow_sensitive: Flag, Flag, on [EventDeclaration], own;
        /// Where `instrumental` is.
        krate as "crate": Path, Value("path"), on [EventDeclaration], own;
    }
}

options! {
    /// The options of `#[field(..)]`.
    pub(crate) struct FormatOptions {
        /// Leaves the field out of the event.
        skip: Flag, Flag, on [Field], own;
        /// Records the field by its `Display`.
        display: Flag, Flag, on [Field], own;
        /// Records the field by its `Debug`.
        debug: Flag, Flag, on [Field], own;
    }
}

/// The attributes of a field.
pub(crate) struct FieldOptions {
    pub format: FormatOptions,
    pub label: Option<Span>,
    pub measure: Option<Unit>,
}

/// Removes our attributes from a field and reads them.
pub(crate) fn field(field: &mut Field, errors: &mut Errors) -> FieldOptions {
    let label = take(field, "label");
    let with_arguments = label
        .iter()
        .find(|label| label.meta.require_path_only().is_err());
    if let Some(label) = with_arguments {
        errors.at(label, say::FIELD_LABEL);
    }
    let measure = take(field, "measure");
    let format = arguments(&take(field, "field"), errors);
    FieldOptions {
        format: read(Attribute::Field, format, errors),
        label: label
            .first()
            .map(|label| label.path().segments[0].ident.span()),
        measure: measure.first().map(|measure| unit(measure, errors)),
    }
}

/// The unit of `#[measure(unit)]`; `#[measure]` has none.
fn unit(measure: &syn::Attribute, errors: &mut Errors) -> Unit {
    let none = Unit::none(measure.path().segments[0].ident.span());
    if measure.meta.require_path_only().is_ok() {
        return none;
    }
    let Ok(word) = measure.parse_args::<Ident>() else {
        errors.at(measure, say::measure(&Unit::WORDS));
        return none;
    };
    kinds::unit(&word.to_string(), word.span(), errors).unwrap_or(none)
}

fn take(field: &mut Field, name: &str) -> Vec<syn::Attribute> {
    let ours = named(&field.attrs, name);
    field.attrs.retain(|attr| !attr.path().is_ident(name));
    ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::permutations;
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
        permutations::each(&parts, &mut |list, within| {
            let mut errors = Errors::default();
            let options: EventOptions =
                read(Attribute::EventDeclaration, [list.clone()], &mut errors);
            assert_eq!(errors.messages(), Vec::<String>::new(), "{list}");
            let found = [
                options.name.is_some(),
                options.allow_sensitive.is_some(),
                options.owner.is_some(),
                options.budget.is_some(),
                options.krate.is_some(),
            ];
            assert_eq!(found, within, "{list}");
        });
    }

    #[test]
    fn every_option_is_documented() {
        use crate::grammar::options::undocumented;
        assert_eq!(
            undocumented::<EventOptions>(
                Attribute::EventDeclaration,
                include_str!("../docs/business_event.md")
            ),
            [""; 0]
        );
        assert_eq!(
            undocumented::<FormatOptions>(
                Attribute::Field,
                include_str!("../docs/business_event.md")
            ),
            [""; 0]
        );
    }
}
