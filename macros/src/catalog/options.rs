//! The options of `#[catalog(..)]` and `#[metric(..)]`.

use crate::grammar::attrs::{arguments, ends_in};
use crate::grammar::kinds::{Path, Text, UnitWord};
use crate::grammar::limits::Budget;
use crate::grammar::options::{options, read};
use crate::grammar::{Attribute, Errors};

options! {
    /// The options of `#[catalog(..)]`.
    pub(crate) struct CatalogOptions {
        /// Replaces the module's name in the names of its metrics.
        name: Text, Value("\"..\""), on [Catalog, Submodule], own;
        /// Where `instrumental` is.
        krate as "crate": Path, Value("path"), on [Catalog], own;
    }
}

options! {
    /// The options of `#[metric(..)]`.
    pub(crate) struct MetricOptions {
        /// How many series the metric may have.
        budget: Budget, Value("100"), on [Metric], own;
        /// The team that is responsible for the metric.
        owner: Text, Value("\"..\""), on [Metric], own;
        /// The unit of a counter or gauge.
        unit: UnitWord, Value("\"bytes\""), on [Metric], own;
    }
}

/// Removes the `#[catalog(..)]` of a nested module and reads it.
pub(crate) fn submodule(attrs: &mut Vec<syn::Attribute>, errors: &mut Errors) -> CatalogOptions {
    let ours = take(attrs, "catalog");
    let lists = arguments(&ours, errors);
    read(Attribute::Submodule, lists, errors)
}

/// Removes the `#[metric(..)]` of a function and reads it.
pub(crate) fn metric(attrs: &mut Vec<syn::Attribute>, errors: &mut Errors) -> MetricOptions {
    let ours = take(attrs, "metric");
    let lists = arguments(&ours, errors);
    read(Attribute::Metric, lists, errors)
}

fn take(attrs: &mut Vec<syn::Attribute>, name: &str) -> Vec<syn::Attribute> {
    let (ours, others) = attrs.drain(..).partition(|attr| ends_in(attr, name));
    *attrs = others;
    ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::permutations;
    use quote::quote;
    use syn::parse_quote;

    #[test]
    fn options_mean_the_same_in_every_order() {
        let parts = [
            quote!(budget = 5),
            quote!(owner = "matching"),
            quote!(unit = "bytes"),
        ];
        permutations::each(&parts, &mut |list, within| {
            let mut errors = Errors::default();
            let mut attrs = vec![parse_quote!(#[cfg(unix)]), parse_quote!(#[metric(#list)])];
            let options = metric(&mut attrs, &mut errors);
            assert_eq!(errors.messages(), Vec::<String>::new(), "{list}");
            assert_eq!(
                options.budget.map(|budget| budget.series),
                within[0].then_some(5),
                "{list}"
            );
            assert_eq!(options.owner.is_some(), within[1], "{list}");
            assert_eq!(
                options.unit.map(|unit| unit.name),
                within[2].then_some("Bytes"),
                "{list}"
            );
            assert_eq!(attrs.len(), 1, "{list}");
        });
    }

    #[test]
    fn options_may_be_spread_over_attributes() {
        let mut errors = Errors::default();
        let mut attrs = vec![
            parse_quote!(#[metric(budget = 5)]),
            parse_quote!(#[metric(owner = "a",)]),
        ];
        let options = metric(&mut attrs, &mut errors);
        assert!(options.budget.is_some() && options.owner.is_some() && attrs.is_empty());
        assert!(errors.is_empty());
    }

    #[test]
    fn every_option_is_documented() {
        use crate::grammar::options::undocumented;
        assert_eq!(
            undocumented::<CatalogOptions>(Attribute::Catalog, include_str!("../docs/catalog.md")),
            [""; 0]
        );
        assert_eq!(
            undocumented::<MetricOptions>(Attribute::Metric, include_str!("../docs/catalog.md")),
            [""; 0]
        );
    }
}
