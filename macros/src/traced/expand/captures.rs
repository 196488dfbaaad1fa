//! How the closure (or async block) around a body takes the function's arguments, so that each is dropped when the
//! plain function drops it.
//!
//! A function drops its arguments in the reverse order of their declaration, after everything else. Of a closure that is
//! called at once, what it took by value is dropped when it returns, in the order in which it mentions it, and what it
//! borrowed is dropped by the function, later. So:
//!
//! - At most one argument has a destructor: the order cannot be seen. The closure takes by value what the body moves and
//!   borrows the rest: a large argument is not copied, and a future does not hold it twice. Where the body takes the
//!   argument apart, the closure owns it whole.
//! - Several have: the closure owns all of them, mentioned in reverse order.
//! - A pattern that leaves something of its argument behind drops that right after what it binds: it, and what is declared
//!   after it, become variables of the body, as the arguments of an `async fn` do.
//!
//! A closure that mentions only a field takes only the field: a copy of it, where it is `Copy`. Hence the mentions of
//! whole arguments.

use super::params;
use super::words::{taken_apart, words};
use crate::traced::item::{bound, cfgs};
use crate::traced::types;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use std::collections::HashSet;
use syn::{Attribute, FnArg, Pat, ReceiverKind, Signature};

/// What is written around a body.
#[derive(Default)]
pub(crate) struct Captures {
    /// The closure owns what it takes.
    pub(crate) by_move: bool,
    /// The async block borrows from the function.
    pub(crate) borrows: bool,
    /// Stands before the body's first statement.
    pub(crate) first: TokenStream,
    /// The body is to be a block of its own: arguments are variables around it.
    pub(crate) nested: bool,
    /// An argument with a destructor may be changed. The compiler forgets that dropping what a closure owns reads it, and
    /// would call the change unused.
    pub(crate) changes: bool,
    /// Binds what the attribute records of arguments whose patterns are in the body.
    pub(crate) outer: TokenStream,
    /// Variables that nobody uses, in the place of arguments that only the closure mentions.
    pub(crate) unused: TokenStream,
}

impl Captures {
    /// Lints that would speak of how the body is written.
    pub(crate) fn lints(&self) -> TokenStream {
        let braces = self.nested.then(|| quote!(unused_braces,));
        quote!(#braces)
    }
}

/// What is known of a function's body and attributes when its captures are planned.
pub(crate) struct Around<'a> {
    pub(crate) body: &'a TokenStream,
    /// Words of the attributes' expressions, which are evaluated outside of the body.
    pub(crate) expressions: &'a HashSet<String>,
    /// Arguments that are recorded as they are.
    pub(crate) recorded: &'a HashSet<String>,
    /// Words of expressions that may take an argument away before the body runs.
    pub(crate) taken: &'a HashSet<String>,
    /// Arguments that are read when the body has failed: the body borrows them, where there are such values.
    pub(crate) kept: Option<&'a HashSet<String>>,
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

impl Argument {
    fn has(&self, words: &HashSet<String>) -> bool {
        self.names
            .iter()
            .any(|name| words.contains(&name.to_string()))
    }
}

/// Plans the captures of a body, and makes the signature fit.
pub(crate) fn plan(sig: &mut Signature, around: &Around<'_>) -> Captures {
    let used = words(around.body);
    let mut first = TokenStream::new();
    if around.kept.is_none() {
        first = params::own_changed_references(sig, &used, around.expressions);
    }
    let mut captures = planned(sig, &used, around);
    let rest = &captures.first;
    captures.nested |= !first.is_empty();
    captures.first = quote!(#first #rest);
    captures
}

fn planned(sig: &mut Signature, used: &HashSet<String>, around: &Around<'_>) -> Captures {
    let mut arguments = droppable(sig);
    arguments.retain(|argument| !argument.has(around.taken) || argument.has(used));
    let mut captures = Captures {
        changes: arguments.iter().any(|argument| argument.is_mutable),
        ..Captures::default()
    };
    let single = match arguments.as_slice() {
        [] => None,
        [only] if only.names.len() <= 1 && only.is_whole => Some(only),
        _ => {
            several(sig, &arguments, used, around, &mut captures);
            return captures;
        }
    };
    let is_apart = single.is_some_and(|only| only.has(&taken_apart(around.body)));
    if around.kept.is_some() {
        if let Some(only) = single
            && is_apart
        {
            several(sig, std::slice::from_ref(only), used, around, &mut captures);
        }
    } else if is_apart {
        captures.by_move = true;
        captures.first = single.map(mention).unwrap_or_default();
    } else if around.is_async {
        if single.is_some() || params::has_array(sig) {
            captures.borrows = true;
            captures.first = params::borrow_mutably(sig, used);
        } else {
            captures.by_move = true;
        }
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
    let is_variable = |argument: &Argument| {
        !argument.is_wild && !argument.is_whole && !argument.has(around.expressions)
    };
    let is_warned_of = |argument: &Argument| {
        let mut names = argument.names.iter().map(ToString::to_string);
        // A name with a capital is a constant's or a unit struct's.
        let is_variable = |name: &String| {
            name != "self" && !name.starts_with(|c: char| c == '_' || c.is_uppercase())
        };
        let is_unused = names.any(|name| is_variable(&name) && !used.contains(&name));
        is_unused && !argument.has(around.expressions) && !argument.has(around.recorded)
    };
    let (owned, variables) = match around.kept {
        // The body borrows what is read after it, and has the rest for itself.
        Some(_) => arguments.split_at(0),
        None => {
            captures.by_move = true;
            let first = arguments.iter().position(is_variable);
            arguments.split_at(first.unwrap_or(arguments.len()))
        }
    };
    for argument in owned.iter().rev() {
        if argument.is_wild {
            let hidden = rename(sig, argument.index);
            captures.first.extend(quote!(let _ = &#hidden;));
        } else {
            captures.first.extend(mention(argument));
            if is_warned_of(argument) {
                captures.unused.extend(unused(sig, argument));
            }
        }
    }
    let kept = |argument: &&Argument| around.kept.is_none_or(|kept| !argument.has(kept));
    for argument in variables.iter().filter(kept) {
        captures.nested = true;
        variable(sig, argument, around, captures);
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
                    is_whole: params::takes_all(&typed.pat),
                    is_wild: matches!(&*typed.pat, Pat::Wild(_)),
                    is_mutable: params::binds_mutably(&typed.pat),
                    attrs: typed.attrs.clone(),
                })
            }
        })
        .collect()
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
    is.then(
        || quote!(#[allow(clippy::no_effect_underscore_binding, clippy::used_underscore_binding)]),
    )
}

/// Makes an argument a variable of the body.
fn variable(
    sig: &mut Signature,
    argument: &Argument,
    around: &Around<'_>,
    captures: &mut Captures,
) {
    let attrs = &argument.attrs;
    let Some(FnArg::Typed(typed)) = sig.inputs.get_mut(argument.index) else {
        // `self` cannot be given a new name. What may never be called moves it.
        let own = around.kept.map(|_| {
            let names = &argument.names;
            quote!(if false { let _moved = (#(#names,)*); loop {} })
        });
        return captures
            .first
            .extend(own.unwrap_or_else(|| mention(argument)));
    };
    if let Pat::Ident(ident) = &mut *typed.pat
        && argument.is_whole
    {
        let inner = ident.clone();
        ident.mutability = None;
        let name = &ident.ident;
        let allow = underscored(name);
        captures
            .first
            .extend(quote!(#(#attrs)* #allow let #inner = #name;));
        return keep_cfgs(&mut typed.attrs);
    }
    let pat = typed.pat.clone();
    let by_reference = params::by_reference(&pat);
    let is_recorded = argument.has(around.recorded);
    // What an expression of the attribute's reads must be bound outside, by value.
    if argument.has(around.expressions) || (is_recorded && by_reference.is_none()) {
        return captures.first.extend(mention(argument));
    }
    keep_cfgs(&mut typed.attrs);
    let cfg = cfgs(attrs);
    let hidden = rename(sig, argument.index);
    if let Some(pat) = by_reference.filter(|_| is_recorded) {
        captures
            .outer
            .extend(quote!(#(#cfg)* #[allow(unused_variables)] let #pat = &#hidden;));
    }
    // A wildcard would not move the value: it is first made a variable as a whole.
    let mutable = params::binds_by_mutable_reference(&pat).then(<syn::Token![mut]>::default);
    captures.first.extend(quote! {
        #(#cfg)* let #mutable #hidden = #hidden;
        #(#attrs)* let #pat = #hidden;
    });
}

/// What the compiler warns of in the place of an argument that the body does not use: the closure mentions it.
fn unused(sig: &mut Signature, argument: &Argument) -> TokenStream {
    let attrs = &argument.attrs;
    let names = &argument.names;
    if let Some(FnArg::Typed(typed)) = sig.inputs.get_mut(argument.index) {
        keep_cfgs(&mut typed.attrs);
    }
    let mut tokens = TokenStream::new();
    for name in names {
        tokens.extend(quote!({ #(#attrs)* let #name = (); }));
    }
    tokens
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
