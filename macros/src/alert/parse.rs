//! Tokens of an alert's declaration, read and nothing else.

use crate::grammar::Errors;
use crate::grammar::slots::Slots;
use proc_macro2::Span;
use syn::{LitStr, Path};

/// The severities, most urgent first.
pub(crate) const SEVERITIES: [&str; 4] = ["P1", "P2", "P3", "P4"];

/// The keys of `#[alert(..)]`.
pub(crate) const OPTIONS: [&str; 9] = [
    "P1", "P2", "P3", "P4", "owner", "impact", "runbook", "notify", "crate",
];

/// The options of `#[alert(..)]`.
pub(crate) struct AlertOptions {
    /// Those that were given, by number.
    pub severities: Vec<(usize, Span)>,
    pub owner: Option<LitStr>,
    pub impact: Option<LitStr>,
    pub runbook: Option<LitStr>,
    pub notify: Option<LitStr>,
    /// A bare text, which means nothing here.
    pub text: Option<LitStr>,
    pub krate: Option<Path>,
}

/// Reads what stands in the parentheses.
pub(crate) fn options(mut slots: Slots, errors: &mut Errors) -> AlertOptions {
    let mut severities = Vec::new();
    for (number, word) in SEVERITIES.iter().enumerate() {
        severities.extend(slots.flag(word, errors).map(|span| (number, span)));
    }
    AlertOptions {
        severities,
        owner: slots.string("owner", errors),
        impact: slots.string("impact", errors),
        runbook: slots.string("runbook", errors),
        notify: slots.string("notify", errors),
        krate: slots.path("crate", errors),
        text: slots.text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::orders;
    use quote::quote;

    #[test]
    fn options_mean_the_same_in_every_order() {
        let parts = [
            quote!(P2),
            quote!(owner = "payments"),
            quote!(impact = "Users wait."),
            quote!(runbook = "https://example.org"),
            quote!(notify = "#alerts"),
            quote!(crate = ::some::path),
        ];
        orders::each(&parts, &mut |list, within| {
            let mut errors = Errors::default();
            let slots = Slots::read(list.clone(), &OPTIONS, &mut errors);
            let options = options(slots, &mut errors);
            assert_eq!(errors.messages(), Vec::<String>::new(), "{list}");
            let found = [
                options.severities.len() == 1,
                options.owner.is_some(),
                options.impact.is_some(),
                options.runbook.is_some(),
                options.notify.is_some(),
                options.krate.is_some(),
            ];
            assert_eq!(found, within, "{list}");
        });
    }
}
