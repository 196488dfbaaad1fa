//! The modules of a catalog and the names in them.

use super::metric;
use super::model::{Entry, Metric, Module};
use super::options;
use super::parse::{ParsedItem, ParsedModule};
use crate::grammar::messages as say;
use crate::grammar::{Errors, names};
use syn::{Attribute, LitStr};

/// Checks a module. The names of its metrics begin with `path` and the module's name, which `name` replaces.
pub(crate) fn build(
    parsed: ParsedModule,
    path: &str,
    name: Option<LitStr>,
    errors: &mut Errors,
) -> Module {
    let ParsedModule {
        attrs,
        vis,
        ident,
        inner,
        items,
    } = parsed;
    let (own, span) = match name {
        Some(name) => (name.value(), name.span()),
        None => (names::unraw(&ident), ident.span()),
    };
    names::prefix(&own, span, errors);
    let path = if path.is_empty() {
        own
    } else {
        format!("{path}.{own}")
    };
    let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
    for item in items {
        let entry = entry(item, &path, errors);
        if !declared(&entries, &entry, errors) {
            entries.push(entry);
        }
    }
    Module {
        attrs,
        vis,
        ident,
        inner,
        entries,
    }
}

/// Whether the module already has a function with this name, which is reported.
fn declared(entries: &[Entry], entry: &Entry, errors: &mut Errors) -> bool {
    let Entry::Metric(later) = entry else {
        return false;
    };
    let twice = entries.iter().any(|entry| {
        matches!(entry, Entry::Metric(earlier)
            if earlier.sig.ident == later.sig.ident && !(has_cfg(&earlier.attrs) && has_cfg(&later.attrs)))
    });
    if twice {
        errors.push(later.sig.ident.span(), say::metric_twice(&later.name));
    }
    twice
}

fn entry(item: ParsedItem, path: &str, errors: &mut Errors) -> Entry {
    match item {
        ParsedItem::Metric(metric) => Entry::Metric(Box::new(metric::build(*metric, path, errors))),
        ParsedItem::Module(mut module) => {
            let options = options::submodule(&mut module.attrs, errors);
            Entry::Module(build(module, path, options.name, errors))
        }
        ParsedItem::Other(item) => Entry::Other(item),
    }
}

/// Refuses metrics with the same name, and metrics whose names are the same after an exporter replaces dots by underscores.
pub(crate) fn collisions(root: &Module, errors: &mut Errors) {
    let mut all = Vec::new();
    collect(root, false, &mut all);
    for (at, later) in all.iter().enumerate() {
        let earlier = all[..at].iter().find(|earlier| {
            earlier.exported == later.exported && !(earlier.conditional && later.conditional)
        });
        let Some(earlier) = earlier else { continue };
        let (name, span) = (&later.metric.name, later.metric.sig.ident.span());
        if earlier.metric.name == *name {
            errors.push(span, say::metric_twice(name));
        } else {
            errors.push(
                span,
                say::metrics_collide(&earlier.metric.name, name, &later.exported),
            );
        }
    }
}

/// A metric, its name with underscores, and whether it is under a `cfg`.
struct Found<'a> {
    metric: &'a Metric,
    exported: String,
    conditional: bool,
}

fn collect<'a>(module: &'a Module, conditional: bool, all: &mut Vec<Found<'a>>) {
    let conditional = conditional || has_cfg(&module.attrs);
    for entry in &module.entries {
        match entry {
            Entry::Metric(metric) => all.push(Found {
                metric,
                exported: metric.name.replace('.', "_"),
                conditional: conditional || has_cfg(&metric.attrs),
            }),
            Entry::Module(module) => collect(module, conditional, all),
            Entry::Other(_) => {}
        }
    }
}

fn has_cfg(attrs: &[Attribute]) -> bool {
    attrs
        .iter()
        .any(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    /// The names of the metrics, and the errors.
    fn built(item: proc_macro2::TokenStream) -> (Vec<String>, Vec<String>) {
        let mut errors = Errors::default();
        let parsed = syn::parse2(item).expect("an inline module");
        let root = build(parsed, "", None, &mut errors);
        collisions(&root, &mut errors);
        let mut all = Vec::new();
        collect(&root, false, &mut all);
        let names = all.iter().map(|found| found.metric.name.clone());
        (names.collect(), errors.messages())
    }

    #[test]
    fn a_path_is_a_name() {
        let (names, errors) = built(quote! {
            pub mod bids {
                use super::Trade;
                /// Bids.
                pub fn submitted(trade: Trade,) -> Counter;
                /// Ways of bidding.
                pub mod ways {
                    /// Kinds.
                    pub fn r#type() -> Gauge;
                }
                #[catalog(name = "other.place")]
                pub mod x {
                    /// Time.
                    #[metric(budget = 10, owner = "payments",)]
                    pub fn time() -> Histogram<Seconds>;
                }
            }
        });
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(
            names,
            ["bids.submitted", "bids.ways.type", "bids.other.place.time"]
        );
    }

    #[test]
    fn names_that_meet_are_refused() {
        let (_, errors) = built(quote! {
            mod a {
                /// One.
                fn b_c() -> Counter;
                mod b {
                    /// Two.
                    fn c() -> Counter;
                }
                /// Three.
                #[cfg(unix)]
                fn d() -> Gauge;
                /// Four.
                #[cfg(not(unix))]
                fn d() -> Gauge;
                /// Five.
                fn e() -> Gauge;
                /// Six.
                fn e() -> Gauge;
            }
        });
        assert_eq!(errors.len(), 2, "{errors:#?}");
        assert!(errors[1].contains("`a.b.c` and `a.b_c`"), "{errors:#?}");
        assert!(errors[0].contains("duplicate metric `a.e`"), "{errors:#?}");
    }

    #[test]
    fn each_mistake_of_a_function_is_said() {
        let (names, errors) = built(quote! {
            mod a {
                fn undescribed() -> Counter;
                /// Of no kind.
                fn kindless();
                /// Misspelt.
                fn kind() -> Countr;
                /// Of a wrong unit.
                fn unit() -> Histogram<Duration>;
                /// Unbounded.
                fn text(a: String, b: &str, c: &'static str) -> Gauge;
                /// Reserved.
                fn submitted_total(le: bool) -> Counter;
                /// With everything.
                const fn all<T>(self, (a, b): (T, T)) -> Counter { body }
                /// Options.
                #[metric(budgte = 5, budget = 0, unit = "dollars")]
                fn options() -> Counter;
            }
        });
        assert_eq!(names.len(), 8);
        assert_eq!(errors.len(), 16, "{errors:#?}");
    }
}
