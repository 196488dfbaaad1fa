//! The options of `#[alert(..)]`.

use crate::grammar::kinds::{Flag, Path, Text};
use crate::grammar::options::options;
use proc_macro2::Span;

options! {
    /// The options of `#[alert(..)]`.
    pub(crate) struct AlertOptions {
        /// Pages, and posts to the chat.
        p1 as "P1": Flag, Flag, on [Alert], own;
        /// Posts to the chat and sends mail.
        p2 as "P2": Flag, Flag, on [Alert], own;
        /// Posts to the chat.
        p3 as "P3": Flag, Flag, on [Alert], own;
        /// Appears on dashboards only.
        p4 as "P4": Flag, Flag, on [Alert], own;
        /// The team that is responsible for the alert.
        owner: Text, Value("\"..\""), on [Alert], own;
        /// The effect on users.
        impact: Text, Value("\"..\""), on [Alert], own;
        /// Where the response is described.
        runbook: Text, Value("\"..\""), on [Alert], own;
        /// Teams and channels besides those of the severity.
        notify: Text, Value("\"..\""), on [Alert], own;
        /// Where `instrumental` is.
        krate as "crate": Path, Value("path"), on [Alert], own;
    }
}

impl AlertOptions {
    /// The severities that are given, by rank and name, most urgent first.
    pub(crate) fn severities(&self) -> Vec<(usize, &'static str, Span)> {
        let all = [
            ("P1", self.p1),
            ("P2", self.p2),
            ("P3", self.p3),
            ("P4", self.p4),
        ];
        let all = all.into_iter().enumerate();
        all.filter_map(|(rank, (name, span))| Some((rank, name, span?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::options::read;
    use crate::grammar::{Attribute, Errors, permutations};
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
        permutations::each(&parts, &mut |list, within| {
            let mut errors = Errors::default();
            let options: AlertOptions = read(Attribute::Alert, [list.clone()], &mut errors);
            assert_eq!(errors.messages(), Vec::<String>::new(), "{list}");
            let found = [
                options.severities().len() == 1,
                options.owner.is_some(),
                options.impact.is_some(),
                options.runbook.is_some(),
                options.notify.is_some(),
                options.krate.is_some(),
            ];
            assert_eq!(found, within, "{list}");
        });
    }

    #[test]
    fn every_option_is_documented() {
        use crate::grammar::options::undocumented;
        assert_eq!(
            undocumented::<AlertOptions>(Attribute::Alert, include_str!("../docs/alert.md")),
            [""; 0]
        );
    }
}
