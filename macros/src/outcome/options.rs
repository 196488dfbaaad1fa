//! The options of `#[outcome(..)]`.

use super::class::ClassKind;
use crate::grammar::attrs::{arguments, named};
use crate::grammar::kinds::{Flag, Number, Path};
use crate::grammar::options::{options, read};
use crate::grammar::{Attribute, Errors};
use proc_macro2::Span;

options! {
    /// The options of `#[outcome(..)]`.
    pub(crate) struct OutcomeOptions {
        /// Part of the normal course of events: counted, never reported.
        expected: Flag, Flag, on [Outcome], own;
        /// The caller's mistake: counted, not reported.
        client: Flag, Flag, on [Outcome], own;
        /// Temporary: reported as a warning.
        retry: Flag, Flag, on [Outcome], own;
        /// A failure of this service: reported.
        server: Flag, Flag, on [Outcome], own;
        /// Data or money is at risk: reported as fatal.
        fatal: Flag, Flag, on [Outcome], own;
        /// The class and label are those of the error inside.
        transparent: Flag, Flag, on [Outcome], own;
        /// Another HTTP status than that of the class.
        http: Number, Value("409"), on [Outcome], own;
        /// Pages the engineer on call.
        page: Flag, Flag, on [Outcome], own;
        /// Where `instrumental` is.
        krate as "crate": Path, Value("path"), on [OutcomeEnum], own;
    }
}

impl OutcomeOptions {
    /// The classes that are given, with their words.
    pub(crate) fn classes(&self) -> Vec<(ClassKind, &'static str, Span)> {
        let all = [
            (ClassKind::Expected, "expected", self.expected),
            (ClassKind::Client, "client", self.client),
            (ClassKind::Retry, "retry", self.retry),
            (ClassKind::Server, "server", self.server),
            (ClassKind::Fatal, "fatal", self.fatal),
        ];
        let given = all.into_iter();
        given
            .filter_map(|(kind, word, span)| Some((kind, word, span?)))
            .collect()
    }
}

/// Reads the attributes of a variant.
pub(crate) fn variant(attrs: &[syn::Attribute], errors: &mut Errors) -> OutcomeOptions {
    let lists = arguments(&named(attrs, "outcome"), errors);
    read(Attribute::Outcome, lists, errors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::permutations;
    use quote::quote;
    use syn::parse_quote;

    #[test]
    fn a_class_means_the_same_in_every_order() {
        let parts = [quote!(client), quote!(http = 409), quote!(page)];
        permutations::each(&parts, &mut |list, within| {
            let mut errors = Errors::default();
            let options = variant(&[parse_quote!(#[outcome(#list)])], &mut errors);
            assert_eq!(errors.messages(), Vec::<String>::new(), "{list}");
            assert_eq!(options.classes().len(), usize::from(within[0]), "{list}");
            assert_eq!(options.http.is_some(), within[1], "{list}");
            assert_eq!(options.page.is_some(), within[2], "{list}");
        });
    }

    #[test]
    fn every_option_is_documented() {
        use crate::grammar::options::undocumented;
        assert_eq!(
            undocumented::<OutcomeOptions>(Attribute::Outcome, include_str!("../docs/outcome.md")),
            [""; 0]
        );
        assert_eq!(
            undocumented::<OutcomeOptions>(
                Attribute::OutcomeEnum,
                include_str!("../docs/outcome.md")
            ),
            [""; 0]
        );
    }
}
