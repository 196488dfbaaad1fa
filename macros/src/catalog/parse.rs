//! The syntax of a catalog module.

use proc_macro2::Group;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, Item, Signature, Token, Visibility, braced};

/// A module in source form.
pub(crate) struct ParsedModule {
    /// The attributes before the module, those of this crate included.
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub ident: Ident,
    /// The attributes inside the braces.
    pub inner: Vec<Attribute>,
    pub items: Vec<ParsedItem>,
}

/// An item of a catalog module.
pub(crate) enum ParsedItem {
    Metric(Box<ParsedMetric>),
    Module(ParsedModule),
    /// Any other item, which is not changed.
    Other(Box<Item>),
}

/// A function that declares a metric.
pub(crate) struct ParsedMetric {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub sig: Signature,
    /// A body, which is an error.
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
