//! Tokens of a catalog module, read and nothing else.

use super::model::Budget;
use crate::grammar::item_messages as say;
use crate::grammar::slots::Slots;
use crate::grammar::unit::Unit;
use crate::grammar::{Errors, nearest};
use proc_macro2::Group;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, Item, LitStr, Path, Signature, Token, Visibility, braced};

/// A module as written.
pub(crate) struct ParsedModule {
    /// The attributes before the module, those of this crate included.
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub ident: Ident,
    /// The attributes inside the braces.
    pub inner: Vec<Attribute>,
    pub items: Vec<ParsedItem>,
}

/// One thing in a catalog module.
pub(crate) enum ParsedItem {
    Metric(Box<ParsedMetric>),
    Module(ParsedModule),
    /// Anything else stays as it is.
    Other(Box<Item>),
}

/// A function that declares a metric.
pub(crate) struct ParsedMetric {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub sig: Signature,
    /// Present where the user wrote a body, which is a mistake.
    pub body: Option<Group>,
}

impl Parse for ParsedModule {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        input.parse::<Token![mod]>()?;
        let ident = input.parse()?;
        let content;
        braced!(content in input);
        let inner = content.call(Attribute::parse_inner)?;
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(ParsedModule {
            attrs,
            vis,
            ident,
            inner,
            items,
        })
    }
}

impl Parse for ParsedItem {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let ahead = input.fork();
        if let Ok(metric) = ahead.parse() {
            input.advance_to(&ahead);
            return Ok(ParsedItem::Metric(Box::new(metric)));
        }
        let ahead = input.fork();
        if let Ok(module) = ahead.parse() {
            input.advance_to(&ahead);
            return Ok(ParsedItem::Module(module));
        }
        input.parse().map(|item| ParsedItem::Other(Box::new(item)))
    }
}

impl Parse for ParsedMetric {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        let body = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            None
        } else {
            Some(input.parse()?)
        };
        Ok(ParsedMetric {
            attrs,
            vis,
            sig,
            body,
        })
    }
}

/// The options of `#[catalog(..)]`.
#[derive(Default)]
pub(crate) struct ModuleOptions {
    pub name: Option<LitStr>,
    pub krate: Option<Path>,
}

/// The options of `#[metric(..)]`.
#[derive(Default)]
pub(crate) struct MetricOptions {
    pub budget: Option<Budget>,
    pub owner: Option<LitStr>,
    pub unit: Option<Unit>,
}

/// Reads what stands in the parentheses of `#[catalog(..)]`.
pub(crate) fn catalog_options(mut slots: Slots, errors: &mut Errors) -> ModuleOptions {
    if let Some(text) = &slots.text {
        errors.push(
            text.span(),
            say::wants("name", &format!("\"{}\"", text.value())),
        );
    }
    ModuleOptions {
        name: slots.string("name", errors),
        krate: slots.path("crate", errors),
    }
}

/// Takes the `#[catalog(..)]` of a nested module.
pub(crate) fn module_options(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> ModuleOptions {
    let (ours, others) = attrs.drain(..).partition(|attr| is_named(attr, "catalog"));
    *attrs = others;
    catalog_options(Slots::of_attributes(&ours, &["name"], errors), errors)
}

/// Takes the `#[metric(..)]` of a function; returns the other attributes.
pub(crate) fn metric_options(
    attrs: Vec<Attribute>,
    errors: &mut Errors,
) -> (MetricOptions, Vec<Attribute>) {
    let (ours, others): (Vec<_>, _) = attrs.into_iter().partition(|attr| is_named(attr, "metric"));
    let mut slots = Slots::of_attributes(&ours, &["budget", "owner", "unit"], errors);
    if let Some(text) = &slots.text {
        errors.push(text.span(), say::METRIC_NAME);
    }
    let options = MetricOptions {
        budget: Budget::take(&mut slots, errors),
        owner: slots.string("owner", errors),
        unit: slots
            .string("unit", errors)
            .and_then(|word| unit(&word, errors)),
    };
    (options, others)
}

impl Budget {
    /// Takes `budget = 100`.
    pub(crate) fn take(slots: &mut Slots, errors: &mut Errors) -> Option<Self> {
        let number = slots.number("budget", errors)?;
        match errors.ok(number.base10_parse())? {
            0 => {
                errors.push(number.span(), say::BUDGET_ZERO);
                None
            }
            series => Some(Budget {
                series,
                span: number.span(),
            }),
        }
    }
}

fn unit(word: &LitStr, errors: &mut Errors) -> Option<Unit> {
    let unit = Unit::of_word(&word.value(), word.span());
    if unit.is_none() {
        let near = nearest(&word.value(), &Unit::WORDS);
        errors.push(
            word.span(),
            say::unknown_unit(&word.value(), near, &Unit::WORDS),
        );
    }
    unit
}

/// Whether an attribute is this crate's `name`, also by a path.
fn is_named(attr: &Attribute, name: &str) -> bool {
    attr.path()
        .segments
        .last()
        .is_some_and(|last| last.ident == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::orders;
    use quote::quote;
    use syn::parse_quote;

    #[test]
    fn options_mean_the_same_in_every_order() {
        let parts = [
            quote!(budget = 5),
            quote!(owner = "matching"),
            quote!(unit = "bytes"),
        ];
        orders::each(&parts, &mut |list, within| {
            let mut errors = Errors::default();
            let attrs = vec![parse_quote!(#[cfg(unix)]), parse_quote!(#[metric(#list)])];
            let (options, others) = metric_options(attrs, &mut errors);
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
            assert_eq!(others.len(), 1, "{list}");
        });
    }

    #[test]
    fn options_may_be_spread_over_attributes() {
        let mut errors = Errors::default();
        let attrs = vec![
            parse_quote!(#[metric(budget = 5)]),
            parse_quote!(#[metric(owner = "a",)]),
        ];
        let (options, others) = metric_options(attrs, &mut errors);
        assert!(options.budget.is_some() && options.owner.is_some() && others.is_empty());
        assert!(errors.is_empty());
    }
}
