//! The annotated item: functions are parsed up to their body, which stays tokens.

use super::types;
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _};
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{
    Attribute, FnArg, Generics, Ident, ItemImpl, ItemMod, ItemTrait, Pat, ReturnType, Signature,
    Token, Visibility,
};

/// A function whose body is not parsed.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    defaultness: Option<Ident>,
    pub(crate) sig: Signature,
    /// The `#![..]` at the beginning of the body. They apply to all of it, so they stay first in the expansion.
    pub(crate) inner: TokenStream,
    /// The body without these; none for a declaration that ends with `;`.
    pub(crate) body: Option<Group>,
    /// The generics of the `impl` block or trait around it. An attribute on the function itself does not see them.
    pub(crate) around: Option<Generics>,
}

/// What an item turned out to be.
pub(crate) enum Parsed {
    Function(Box<Function>),
    Bulk(Box<Bulk>),
    /// Another item, with the span of its name.
    Other(Span),
    /// Not an item.
    Broken,
}

/// An item with functions in it.
pub(crate) enum Bulk {
    Impl(ItemImpl),
    Mod(ItemMod),
    Trait(ItemTrait),
}

/// Reads an item.
pub(crate) fn parse(tokens: TokenStream) -> Parsed {
    let tokens = ungrouped(tokens);
    if let Ok(function) = syn::parse2::<Function>(tokens.clone()) {
        return Parsed::Function(Box::new(function));
    }
    match syn::parse2::<syn::Item>(tokens) {
        Ok(syn::Item::Impl(item)) => Parsed::Bulk(Box::new(Bulk::Impl(item))),
        Ok(syn::Item::Mod(item)) if item.content.is_some() => {
            Parsed::Bulk(Box::new(Bulk::Mod(item)))
        }
        Ok(syn::Item::Trait(item)) => Parsed::Bulk(Box::new(Bulk::Trait(item))),
        Ok(syn::Item::Enum(item)) => Parsed::Other(item.ident.span()),
        Ok(syn::Item::Struct(item)) => Parsed::Other(item.ident.span()),
        Ok(item) => Parsed::Other(item.span()),
        Err(_) => Parsed::Broken,
    }
}

impl Parse for Function {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let ahead = input.fork();
        let is_default =
            ahead.parse::<Ident>().is_ok_and(|word| word == "default") && !ahead.peek(Token![!]);
        let defaultness = if is_default {
            Some(input.parse()?)
        } else {
            None
        };
        let sig = input.parse()?;
        let (inner, body) = match visible(input.parse()?) {
            TokenTree::Punct(end) if end.as_char() == ';' => (TokenStream::new(), None),
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                let (inner, body) = split_inner(&body);
                (inner, Some(body))
            }
            other => return Err(syn::Error::new(other.span(), "expected a body")),
        };
        if !input.is_empty() {
            return Err(input.error("unexpected token after the function"));
        }
        Ok(Self {
            attrs,
            vis,
            defaultness,
            sig,
            inner,
            body,
            around: None,
        })
    }
}

/// The token inside the invisible groups that `macro_rules` puts around fragments (`$body:block`, `$item:item`).
fn visible(token: TokenTree) -> TokenTree {
    if let TokenTree::Group(group) = &token
        && group.delimiter() == Delimiter::None
    {
        let mut inner = group.stream().into_iter();
        if let (Some(only), None) = (inner.next(), inner.next()) {
            return visible(only);
        }
    }
    token
}

fn ungrouped(tokens: TokenStream) -> TokenStream {
    let mut all = tokens.clone().into_iter();
    match (all.next(), all.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            ungrouped(group.stream())
        }
        _ => tokens,
    }
}

/// Splits `#![..]` and inner doc comments off the beginning of a body.
fn split_inner(body: &Group) -> (TokenStream, Group) {
    let mut rest = body.stream().into_iter().peekable();
    let mut inner = TokenStream::new();
    loop {
        let mut ahead = rest.clone();
        let is = |token: &Option<TokenTree>, c| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == c);
        let (hash, bang, attribute) = (ahead.next(), ahead.next(), ahead.next());
        if !is(&hash, '#') || !is(&bang, '!') {
            break;
        }
        inner.extend(hash.into_iter().chain(bang).chain(attribute));
        rest = ahead;
    }
    (inner, spanned_as(rest.collect(), body))
}

fn spanned_as(tokens: TokenStream, body: &Group) -> Group {
    let mut group = Group::new(Delimiter::Brace, tokens);
    group.set_span(body.span());
    group
}

/// A block with the spans of this body.
pub(crate) fn block(first: TokenStream, rest: TokenStream, body: &Group) -> Group {
    let mut tokens = first;
    tokens.extend(rest);
    spanned_as(tokens, body)
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.head(&self.sig, tokens);
        match &self.body {
            Some(body) => block(self.inner.clone(), body.stream(), body).to_tokens(tokens),
            None => <Token![;]>::default().to_tokens(tokens),
        }
    }
}

impl Function {
    /// Writes everything before the body, with this signature.
    pub(crate) fn head(&self, sig: &Signature, tokens: &mut TokenStream) {
        tokens.append_all(&self.attrs);
        self.vis.to_tokens(tokens);
        self.defaultness.to_tokens(tokens);
        sig.to_tokens(tokens);
    }

    /// The names that the parameters bind.
    pub(crate) fn arguments(&self) -> Vec<Ident> {
        self.bindings().map(|(name, _)| name).collect()
    }

    /// The names that the parameters bind, with the parameters' attributes.
    pub(crate) fn bindings(&self) -> impl Iterator<Item = (Ident, &[Attribute])> {
        self.sig.inputs.iter().flat_map(|input| {
            let mut names = Vec::new();
            let mut attrs = [].as_slice();
            if let FnArg::Typed(typed) = input {
                bound(&typed.pat, &mut names);
                attrs = &typed.attrs;
            }
            names.into_iter().map(move |name| (name, attrs))
        })
    }

    /// The `cfg` attributes of an argument. If two arguments have the name, they exclude each other, so the name always exists.
    pub(crate) fn cfgs_of(&self, name: &Ident) -> Vec<Attribute> {
        let mut found = self.bindings().filter(|(bound, _)| bound == name);
        match (found.next(), found.next()) {
            (Some((_, attrs)), None) => cfgs(attrs),
            _ => Vec::new(),
        }
    }

    /// The declared return type.
    pub(crate) fn output(&self) -> Option<&syn::Type> {
        match &self.sig.output {
            ReturnType::Type(_, ty) => Some(types::plain(ty)),
            ReturnType::Default => None,
        }
    }

    /// Whether the function has an attribute with this name.
    pub(crate) fn has_attribute(&self, name: &str) -> bool {
        self.attrs.iter().any(|attr| attr.path().is_ident(name))
    }
}

/// The `#[cfg(..)]` among attributes.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    let is = |attr: &&Attribute| attr.path().is_ident("cfg");
    attrs.iter().filter(is).cloned().collect()
}

/// The names that a pattern binds.
pub(crate) fn bound(pat: &Pat, names: &mut Vec<Ident>) {
    match pat {
        Pat::Ident(pat) => {
            names.push(pat.ident.clone());
            if let Some((_, inner)) = &pat.subpat {
                bound(inner, names);
            }
        }
        Pat::Reference(pat) => bound(&pat.pat, names),
        Pat::Paren(pat) => bound(&pat.pat, names),
        Pat::Tuple(pat) => pat.elems.iter().for_each(|pat| bound(pat, names)),
        Pat::TupleStruct(pat) => pat.elems.iter().for_each(|pat| bound(pat, names)),
        Pat::Slice(pat) => pat.elems.iter().for_each(|pat| bound(pat, names)),
        Pat::Struct(pat) => pat.fields.iter().for_each(|field| bound(&field.pat, names)),
        _ => {}
    }
}

/// Parses a function, free or associated, from an item of `syn`.
pub(crate) fn function_of(tokens: impl ToTokens) -> Option<Function> {
    Function::parse.parse2(tokens.to_token_stream()).ok()
}
