//! Doc comments as descriptions.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, Lit, Meta};

/// A description: the first paragraph of a doc comment, on one line.
pub(crate) enum Help {
    Text(String),
    /// A doc attribute with an expression, such as `include_str!(..)`.
    Expr(TokenStream),
}

impl Help {
    /// The description in the doc comment among the attributes.
    pub(crate) fn of(attrs: &[Attribute]) -> Option<Self> {
        let mut lines: Vec<String> = Vec::new();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("doc")) {
            let Meta::NameValue(doc) = &attr.meta else {
                continue;
            };
            match text(&doc.value) {
                Some(text) => lines.extend(text.split('\n').map(|line| line.trim().to_owned())),
                None if lines.iter().all(String::is_empty) => {
                    return Some(Help::Expr(doc.value.to_token_stream()));
                }
                None => break,
            }
        }
        let paragraph = lines
            .into_iter()
            .skip_while(String::is_empty)
            .take_while(|line| !line.is_empty());
        let text = paragraph.collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(Help::Text(text))
    }
}

impl ToTokens for Help {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Help::Text(text) => text.to_tokens(tokens),
            Help::Expr(expr) => tokens.extend(quote!(#expr)),
        }
    }
}

/// The text of a string literal, also inside the invisible group of a `macro_rules!` fragment.
fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::Group(group) => text(&group.expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Help;
    use syn::parse_quote;

    fn help(item: syn::ItemStruct) -> Option<String> {
        match Help::of(&item.attrs)? {
            Help::Text(text) => Some(text),
            Help::Expr(expr) => Some(format!("expr {expr}")),
        }
    }

    #[test]
    fn the_first_paragraph_on_one_line() {
        let item = parse_quote! {
            /// Bids submitted
            /// by contractors.
            ///
            /// More of it.
            struct S;
        };
        assert_eq!(
            help(item).as_deref(),
            Some("Bids submitted by contractors.")
        );
    }

    #[test]
    fn none_and_expressions() {
        assert_eq!(
            help(parse_quote!(
                #[doc(hidden)]
                struct S;
            )),
            None
        );
        assert_eq!(
            help(parse_quote!(
                #[doc = ""]
                struct S;
            )),
            None
        );
        assert_eq!(
            help(parse_quote!(
                #[doc = include_str!("x")]
                struct S;
            ))
            .as_deref(),
            Some("expr include_str ! (\"x\")")
        );
    }
}
