//! How the closure (or async block) around a body takes the function's arguments, so that each is dropped when the
//! plain function drops it.
//!
//! A function drops its arguments in the reverse order of their declaration, after everything else. Of a closure that is
//! called at once, what it took by value is dropped when it returns, in the order in which it mentions it, and what it
//! borrowed is dropped by the function, later. So:
//!
//! - At most one argument has a destructor: the order cannot be seen. The closure takes by value what the body moves and
//!   borrows the rest: a large argument is not copied. Where the body takes the argument apart, the closure owns it whole.
//! - Several have: the closure owns all of them, mentioned in reverse order.
//! - A pattern that leaves something of its argument behind drops that right after what it binds, and an argument that is
//!   never used is to be warned of: these, and what is declared after them, become variables of the body, as the arguments
//!   of an `async fn` do.
//!
//! A closure that mentions only a field takes only the field: a copy of it, where it is `Copy`. Hence the mentions of
//! whole arguments.

use super::item::{bound, cfgs};
use super::types;
use proc_macro2::token_stream::IntoIter;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use std::collections::HashSet;
use std::iter::Peekable;
use syn::{Attribute, FnArg, Pat, ReceiverKind, Signature};

/// What is written around a body.
#[derive(Default)]
pub(crate) struct Captures {
    /// The closure owns what it takes.
    pub(crate) by_move: bool,
    /// Stands before the body's first statement.
    pub(crate) first: TokenStream,
    /// The body is to be a block of its own: arguments are variables around it.
    pub(crate) nested: bool,
    /// The closure owns an argument that the body may change. The compiler forgets that dropping it reads it, and would
    /// call the change unused.
    pub(crate) changes: bool,
}

impl Captures {
    /// Lints that would speak of how the body is written.
    pub(crate) fn lints(&self) -> TokenStream {
        let braces = self.nested.then(|| quote!(unused_braces,));
        let changes = self.changes.then(|| quote!(unused_assignments,));
        quote!(#braces #changes)
    }
}

/// What is known of a function's body and attributes when its captures are planned.
pub(crate) struct Around<'a> {
    pub(crate) body: &'a TokenStream,
    /// Words of the attributes' expressions, which are evaluated outside of the body.
    pub(crate) attribute: &'a HashSet<String>,
    /// Words of expressions that may take an argument away before the body runs.
    pub(crate) taken: &'a HashSet<String>,
    pub(crate) is_async: bool,
}

/// An argument with a destructor, as far as its type says.
struct Argument {
    /// Where it stands among the parameters.
    index: usize,
    names: Vec<Ident>,
    /// Its pattern is a name, or leaves nothing behind.
    is_whole: bool,
    /// `_`
    is_wild: bool,
    is_mutable: bool,
    attrs: Vec<Attribute>,
}

/// Plans the captures of a body, and makes the signature fit.
pub(crate) fn plan(sig: &mut Signature, around: &Around<'_>) -> Captures {
    let used = words(around.body);
    let mut arguments = droppable(sig);
    arguments.retain(|argument| {
        let is_taken = |name: &Ident| around.taken.contains(&name.to_string());
        let is_used = |name: &Ident| used.contains(&name.to_string());
        !argument
            .names
            .iter()
            .any(|name| is_taken(name) && !is_used(name))
    });
    let mut captures = Captures {
        by_move: around.is_async,
        ..Captures::default()
    };
    if let [only] = arguments.as_slice()
        && only.names.len() <= 1
        && only.is_whole
    {
        let apart = taken_apart(around.body);
        if only
            .names
            .iter()
            .any(|name| apart.contains(&name.to_string()))
        {
            captures.by_move = true;
            captures.changes = only.is_mutable;
            captures.first = mention(only);
        }
    } else if !arguments.is_empty() {
        captures.by_move = true;
        several(sig, &arguments, &used, around, &mut captures);
    }
    captures
}

fn several(
    sig: &mut Signature,
    arguments: &[Argument],
    used: &HashSet<String>,
    around: &Around<'_>,
    captures: &mut Captures,
) {
    let is_read = |argument: &Argument| {
        let mut names = argument.names.iter();
        names.any(|name| around.attribute.contains(&name.to_string()))
    };
    let is_variable = |argument: &Argument| {
        let is_warned_of = argument.names.iter().any(|name| {
            let name = name.to_string();
            name != "self" && !name.starts_with('_') && !used.contains(&name)
        });
        (!argument.is_whole || is_warned_of) && !argument.is_wild && !is_read(argument)
    };
    let first = arguments.iter().position(is_variable);
    let (owned, variables) = arguments.split_at(first.unwrap_or(arguments.len()));
    captures.changes = owned.iter().any(|argument| argument.is_mutable);
    for argument in owned.iter().rev() {
        if argument.is_wild {
            let hidden = rename(sig, argument.index);
            captures.first.extend(quote!(let _ = &#hidden;));
        } else {
            captures.first.extend(mention(argument));
        }
    }
    for argument in variables {
        captures.nested = true;
        captures
            .first
            .extend(variable(sig, argument, is_read(argument)));
    }
}

/// The arguments that have a destructor, as far as their types say.
fn droppable(sig: &Signature) -> Vec<Argument> {
    let inputs = sig.inputs.iter().enumerate();
    inputs
        .filter_map(|(index, input)| match input {
            FnArg::Receiver(receiver) => {
                let borrowed = match &receiver.kind {
                    ReceiverKind::Reference(..) => true,
                    ReceiverKind::Typed(_, ty) => types::is_dropped_silently(ty),
                    _ => false,
                };
                (!borrowed).then(|| Argument {
                    index,
                    names: vec![Ident::new("self", receiver.self_token.span)],
                    is_whole: true,
                    is_wild: false,
                    is_mutable: receiver.mutability.is_some(),
                    attrs: receiver.attrs.clone(),
                })
            }
            FnArg::Typed(typed) if types::is_dropped_silently(&typed.ty) => None,
            FnArg::Typed(typed) => {
                let mut names = Vec::new();
                bound(&typed.pat, &mut names);
                Some(Argument {
                    index,
                    names,
                    is_whole: takes_all(&typed.pat),
                    is_wild: matches!(&*typed.pat, Pat::Wild(_)),
                    is_mutable: binds_mutably(&typed.pat),
                    attrs: typed.attrs.clone(),
                })
            }
        })
        .collect()
}

/// Whether nothing of a value stays behind when the pattern is matched.
fn takes_all(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(ident) => ident.by_ref.is_none() && ident.subpat.is_none(),
        Pat::Paren(paren) => takes_all(&paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(takes_all),
        Pat::TupleStruct(tuple) => tuple.elems.iter().all(takes_all),
        Pat::Struct(fields) => {
            fields.rest.is_none() && fields.fields.iter().all(|field| takes_all(&field.pat))
        }
        _ => false,
    }
}

/// Whether a pattern that takes all binds a variable that may be changed.
fn binds_mutably(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(ident) => ident.mutability.is_some(),
        Pat::Paren(paren) => binds_mutably(&paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().any(binds_mutably),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(binds_mutably),
        Pat::Struct(fields) => fields.fields.iter().any(|field| binds_mutably(&field.pat)),
        _ => false,
    }
}

/// Mentions an argument, so that the closure owns it whole.
fn mention(argument: &Argument) -> TokenStream {
    let mut tokens = TokenStream::new();
    for name in argument.names.iter().rev() {
        let cfg = cfgs(&argument.attrs);
        let allow = underscored(name);
        tokens.extend(quote!(#(#cfg)* #allow let _ = &#name;));
    }
    tokens
}

/// Clippy is not to say that a `_name` is used: it is not, by the user.
fn underscored(name: &Ident) -> Option<TokenStream> {
    let is = name.to_string().starts_with('_');
    is.then(|| quote!(#[allow(clippy::used_underscore_binding)]))
}

/// Makes an argument a variable of the body.
fn variable(sig: &mut Signature, argument: &Argument, is_read: bool) -> TokenStream {
    let attrs = &argument.attrs;
    let Some(FnArg::Typed(typed)) = sig.inputs.get_mut(argument.index) else {
        return mention(argument);
    };
    if let Pat::Ident(ident) = &mut *typed.pat
        && argument.is_whole
    {
        let inner = ident.clone();
        ident.mutability = None;
        let name = &ident.ident;
        let allow = underscored(name);
        let tokens = quote!(#(#attrs)* #allow let #inner = #name;);
        keep_cfgs(&mut typed.attrs);
        return tokens;
    }
    // What the attribute reads must be bound outside.
    if is_read {
        return mention(argument);
    }
    let pat = typed.pat.clone();
    keep_cfgs(&mut typed.attrs);
    let cfg = cfgs(attrs);
    let hidden = rename(sig, argument.index);
    // A wildcard would not move the value: it is first made a variable as a whole.
    quote!(#(#cfg)* let #hidden = #hidden; #(#attrs)* let #pat = #hidden;)
}

/// Lint levels go with the variable: `expect` is to be fulfilled once.
fn keep_cfgs(attrs: &mut Vec<Attribute>) {
    attrs.retain(|attr| attr.path().is_ident("cfg"));
}

/// Gives a parameter a name that nothing of the user's can meet.
fn rename(sig: &mut Signature, index: usize) -> Ident {
    let hidden = format_ident!("__arg{}", index, span = Span::mixed_site());
    if let Some(FnArg::Typed(typed)) = sig.inputs.get_mut(index) {
        *typed.pat = Pat::Verbatim(quote!(#hidden));
    }
    hidden
}

/// The words of tokens, and the names that format strings capture.
pub(crate) fn words(tokens: &TokenStream) -> HashSet<String> {
    let mut all = HashSet::new();
    collect(tokens.clone(), &mut all);
    all
}

fn collect(tokens: TokenStream, all: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => drop(all.insert(word.to_string())),
            TokenTree::Group(group) => collect(group.stream(), all),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                for after in text.split('{').skip(1) {
                    let end = after.find(|c: char| c != '_' && !c.is_alphanumeric());
                    all.insert(after[..end.unwrap_or(after.len())].to_owned());
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// The words that may be taken apart: a field of them is named (`job.id`, `pair.0`, and not `job.run()`), or they are
/// matched with a pattern.
fn taken_apart(tokens: &TokenStream) -> HashSet<String> {
    let mut all = HashSet::new();
    collect_apart(tokens.clone(), &mut all);
    all
}

fn collect_apart(tokens: TokenStream, all: &mut HashSet<String>) {
    let mut is_matched = false;
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let was_matched = std::mem::replace(&mut is_matched, begins_match(&token));
        match token {
            TokenTree::Group(group) => collect_apart(group.stream(), all),
            TokenTree::Ident(word) => {
                let has_field = has_field(&mut rest);
                if was_matched || has_field {
                    all.insert(word.to_string());
                }
            }
            _ => {}
        }
    }
}

fn begins_match(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == '=',
        TokenTree::Ident(word) => word == "match",
        _ => false,
    }
}

/// Whether `.field` or `.0` comes next; a call (`.run(1)`, `.get::<u8>()`) does not count.
fn has_field(rest: &mut Peekable<IntoIter>) -> bool {
    let is_dot = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == '.');
    if rest.next_if(is_dot).is_none() {
        return false;
    }
    let is_name = |token: &TokenTree| matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
    rest.next_if(is_name).is_some()
        && match rest.peek() {
            Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Bracket,
            Some(TokenTree::Punct(punct)) => punct.as_char() != ':',
            _ => true,
        }
}
