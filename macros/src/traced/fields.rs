//! Fields to record: their names, values and formats.

use crate::grammar::args::{self, Arg, first_span};
use crate::grammar::format::Format;
use crate::grammar::messages as say;
use crate::grammar::{Attribute, Errors};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Lit, LitStr, Path, Token, token};

/// A field to record.
#[derive(Clone)]
pub(crate) struct Field {
    /// The name as text; for a computed name, the source of its expression.
    pub(crate) name: String,
    /// The expression of a computed name, `{NAME}`.
    pub(crate) computed: Option<TokenStream>,
    /// The name, if it is one word and so may be that of an argument.
    pub(crate) word: Option<Ident>,
    pub(crate) span: Span,
    pub(crate) value: Value,
    pub(crate) format: Format,
    /// `#[cfg(..)]` of the argument that it records.
    pub(crate) cfgs: Vec<syn::Attribute>,
}

/// Where a field's value comes from.
#[derive(Clone)]
pub(crate) enum Value {
    /// An argument of the field's name, or a part of one.
    Argument(Ident, TokenStream),
    /// An expression.
    Expr(TokenStream),
    /// The field is declared here and recorded later.
    Later,
}

impl Field {
    /// An argument, or a part of one, under its own name.
    pub(crate) fn argument(path: Vec<Ident>, format: Format) -> Self {
        let value = Value::Argument(path[0].clone(), quote!(#(#path).*));
        Self {
            value,
            format,
            ..Name::of(path).field()
        }
    }

    /// An element of a list for this field, under the same `cfg` as the argument.
    pub(crate) fn listed(&self, tokens: TokenStream) -> TokenStream {
        let cfgs = &self.cfgs;
        quote!(#(#cfgs)* #tokens)
    }

    /// The name as an expression.
    pub(crate) fn name_tokens(&self) -> TokenStream {
        match &self.computed {
            Some(computed) => computed.clone(),
            None => self.name.to_token_stream(),
        }
    }
}

/// A field's name as it is written.
enum Name {
    Path(Vec<Ident>, String),
    Text(LitStr),
    Computed(Expr),
}

impl Name {
    fn of(path: Vec<Ident>) -> Self {
        let words: Vec<_> = path.iter().map(|part| part.unraw().to_string()).collect();
        Self::Path(path, words.join("."))
    }

    /// A field of this name without a value.
    fn field(&self) -> Field {
        let (name, span) = match self {
            Self::Path(path, name) => (name.clone(), path[0].span()),
            Self::Text(text) => (text.value(), text.span()),
            Self::Computed(expr) => (
                text_of(expr),
                first_span(&expr.to_token_stream()).unwrap_or_else(Span::call_site),
            ),
        };
        Field {
            name,
            computed: match self {
                Self::Computed(expr) => Some(expr.to_token_stream()),
                _ => None,
            },
            word: match self {
                Self::Path(path, _) if path.len() == 1 => path.first().cloned(),
                _ => None,
            },
            span,
            value: Value::Later,
            format: Format::Auto,
            cfgs: Vec::new(),
        }
    }
}

/// A literal's text, or the expression.
fn text_of(expr: &Expr) -> String {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => text.value(),
            other => other.to_token_stream().to_string(),
        },
        other => format!("{{{}}}", other.to_token_stream()),
    }
}

/// `a, b.c, d = expr, %e, f = ?g, "quoted" = h, {NAME} = i, j = tracing::field::Empty`
pub(crate) fn list(tokens: TokenStream, errors: &mut Errors) -> Vec<Field> {
    let parts = args::split(tokens).into_iter();
    parts.filter_map(|part| one(part, errors)).collect()
}

/// One of the list.
pub(crate) fn one(part: TokenStream, errors: &mut Errors) -> Option<Field> {
    errors.ok(field.parse2(part))
}

fn field(input: ParseStream) -> syn::Result<Field> {
    let before = sigil(input)?;
    let name = name(input)?;
    let declared = name.field();
    let span = declared.span;
    let wrong = |input: ParseStream<'_>| {
        input.parse::<TokenStream>()?;
        Err(syn::Error::new(span, say::FIELD))
    };
    if input.is_empty() {
        return match name {
            Name::Path(path, _) => Ok(Field::argument(path, before)),
            // No argument can have this name, so the field is recorded later.
            Name::Text(_) | Name::Computed(_) if before == Format::Auto => Ok(declared),
            Name::Text(_) | Name::Computed(_) => wrong(input),
        };
    }
    if input.parse::<Token![=]>().is_err() {
        return wrong(input);
    }
    let format = match sigil(input)? {
        Format::Auto => before,
        behind => behind,
    };
    let value: TokenStream = input.parse()?;
    if value.is_empty() {
        return wrong(input);
    }
    Ok(Field {
        value: Value::Expr(value),
        format,
        ..declared
    })
}

fn name(input: ParseStream) -> syn::Result<Name> {
    if input.peek(LitStr) {
        return Ok(Name::Text(input.parse()?));
    }
    if input.peek(token::Brace) {
        let content;
        let braces = syn::braced!(content in input);
        let computed = content.parse();
        return match computed {
            Ok(expr) if content.is_empty() => Ok(Name::Computed(expr)),
            _ => {
                content.parse::<TokenStream>()?;
                input.parse::<TokenStream>()?;
                Err(syn::Error::new(braces.span.join(), say::FIELD_NAME))
            }
        };
    }
    let path = args::path(input)?;
    if path.is_empty() {
        let span = input.span();
        input.parse::<TokenStream>()?;
        return Err(syn::Error::new(span, say::FIELD_NAME));
    }
    Ok(Name::of(path))
}

fn sigil(input: ParseStream) -> syn::Result<Format> {
    if input.parse::<Option<Token![%]>>()?.is_some() {
        Ok(Format::Display)
    } else if input.parse::<Option<Token![?]>>()?.is_some() {
        Ok(Format::Debug)
    } else {
        Ok(Format::Auto)
    }
}

/// An argument of the attribute that is a field: `id`, `%id`, `?user.id`.
pub(crate) fn argument(attribute: Attribute, arg: Arg, errors: &mut Errors) -> Option<Field> {
    let (span, message) = match arg {
        Arg::Word(name) => return Some(Field::argument(vec![name], Format::Auto)),
        Arg::Sigil { debug, path, .. } => {
            let format = if debug {
                Format::Debug
            } else {
                Format::Display
            };
            return Some(Field::argument(path, format));
        }
        Arg::Text(text) => (text.span(), say::unexpected_text(attribute)),
        Arg::Value(key, _) | Arg::List(key, _) => (key.span(), say::EXPECTED.to_owned()),
        Arg::Other(tokens) => {
            let span = first_span(&tokens).unwrap_or_else(Span::call_site);
            (span, say::EXPECTED.to_owned())
        }
    };
    errors.push(span, message);
    None
}

/// Whether the value is `tracing::field::Empty`, by its last path segment, so that nothing is recorded.
pub(crate) fn is_empty(field: &Field) -> bool {
    let Value::Expr(value) = &field.value else {
        return matches!(field.value, Value::Later);
    };
    let path = syn::parse2::<Path>(value.clone());
    let is_empty = |path: Path| {
        path.segments
            .last()
            .is_some_and(|last| last.ident == "Empty")
    };
    field.format == Format::Auto && path.is_ok_and(is_empty)
}
