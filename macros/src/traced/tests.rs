//! The grammar of the function attributes, in every order.

use super::attribute;
use super::options::{EmitOptions, Options};
use crate::grammar::options::undocumented;
use crate::grammar::{Attribute, permutations};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::HashMap;

fn item() -> TokenStream {
    quote!(
        fn work(id: u32, who: &str) -> Result<u32, E> {
            Ok(id)
        }
    )
}

#[test]
fn any_subset_of_options_in_any_order_is_the_same() {
    let options = [
        quote!(slow = "1s"),
        quote!(in_flight),
        quote!(objective(success = 99.9)),
        quote!(kind = client),
        quote!(error_if = |(a, b): &(R, R)| check(a, b)),
        quote!(on_failure(?who)),
        quote!(id),
    ];
    let mut written: HashMap<Vec<bool>, String> = HashMap::new();
    let mut count = 0;
    permutations::each(&options, &mut |list, within| {
        count += 1;
        let expanded = attribute(Attribute::Traced, list, item()).to_string();
        assert!(!expanded.contains("compile_error"), "{expanded}");
        let first = written
            .entry(within.to_vec())
            .or_insert_with(|| expanded.clone());
        assert_eq!(*first, expanded);
    });
    assert_eq!((written.len(), count), (128, 2 * 13_700));
    let distinct: std::collections::HashSet<_> = written.values().collect();
    assert_eq!(distinct.len(), 128);
}

#[test]
fn stacked_attributes_fold_into_one_in_any_order() {
    let traced = quote!(traced(id, on_failure(?who)));
    let capture = quote!(capture_errors(ignore(E::Expected)));
    let event = quote!(business_event("a.b", id));
    let orders = [
        (Attribute::Traced, [&capture, &event], &traced),
        (Attribute::Traced, [&event, &capture], &traced),
        (Attribute::CaptureErrors, [&traced, &event], &capture),
        (Attribute::CaptureErrors, [&event, &traced], &capture),
        (Attribute::BusinessEvent, [&traced, &capture], &event),
        (Attribute::BusinessEvent, [&capture, &traced], &event),
    ];
    let mut bodies = std::collections::HashSet::new();
    for (kind, [second, third], outer) in orders {
        let arguments = outer.clone().into_iter().nth(1);
        let Some(proc_macro2::TokenTree::Group(arguments)) = arguments else {
            panic!("arguments of {outer}");
        };
        let function = item();
        let stacked = quote!(#[#second] #[#third] #function);
        let expanded = attribute(kind, arguments.stream(), stacked).to_string();
        assert_eq!(expanded.matches(". end (").count(), 1, "{expanded}");
        assert_eq!(
            expanded.matches("site !").count(),
            2,
            "a site and an event's: {expanded}"
        );
        assert_eq!(expanded.matches(". on_failure (").count(), 1, "{expanded}");
        // What differs is which siblings' imports are kept in use.
        let body = expanded
            .find("let __copy_of_id")
            .map(|at| expanded[at..].to_owned());
        bodies.insert(body.expect("a wrapper"));
    }
    assert_eq!(bodies.len(), 1, "{bodies:#?}");
}

#[test]
fn a_mistake_keeps_the_item() {
    let expanded = attribute(Attribute::Traced, quote!(slw = "1s"), item()).to_string();
    assert!(expanded.starts_with(&item().to_string()), "{expanded}");
    assert!(expanded.contains("did you mean `slow`?"), "{expanded}");
}

#[test]
fn every_option_is_documented() {
    for (attribute, docs) in [
        (Attribute::Traced, include_str!("../docs/traced.md")),
        (
            Attribute::CaptureErrors,
            include_str!("../docs/capture_errors.md"),
        ),
        (Attribute::Instrument, include_str!("../docs/instrument.md")),
    ] {
        assert_eq!(
            undocumented::<Options>(attribute, docs),
            [""; 0],
            "{attribute:?}"
        );
    }
    let docs = include_str!("../docs/business_event.md");
    assert_eq!(
        undocumented::<EmitOptions>(Attribute::BusinessEvent, docs),
        [""; 0]
    );
}
