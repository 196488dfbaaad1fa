//! How the closure (or async block) around a body takes the function's arguments, so that each is dropped when the
//! plain function drops it.
//!
//! A function drops its arguments after everything else, in reverse order of declaration. A closure that is called at once
//! drops the arguments that it captures by value when it returns, in the order in which it mentions them. The function
//! drops those that the closure borrows, later. So:
//!
//! - If at most one argument has a destructor, the order does not matter. The closure captures by value what the body moves
//!   and borrows the rest, so that a large argument is not copied, and a future does not hold it twice. If the body may
//!   move a part of the argument, the closure owns the whole.
//! - If several have one, the closure owns all from the first that the body may move, and mentions them in reverse order.
//!   It borrows those declared before, which the function drops after all others.
//! - If a pattern does not bind all of its argument, the rest is dropped right after the bindings. This argument, and those
//!   declared after it, become variables of the body, like the arguments of an `async fn`.
//!
//! Whole arguments are mentioned, as a closure that mentions a field captures only the field, or a copy of it.

use super::params;
use super::words::{may_be_moved, taken_apart, words};
use crate::traced::item::{bound, cfgs};
use crate::traced::types;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use std::collections::HashSet;
use syn::{Attribute, FnArg, Pat, ReceiverKind, Signature};

/// How a body captures the arguments, as code around it.
#[derive(Default)]
pub(crate) struct Captures {
    /// The closure is `move`.
    pub(crate) by_move: bool,
    /// The async block borrows from the function.
    pub(crate) borrows: bool,
    /// Code before the body's first statement.
    pub(crate) first: TokenStream,
    /// The body must be a block of its own, as arguments are variables around it.
    pub(crate) nested: bool,
    /// An argument with a destructor may be changed, which the compiler reports as unused if a closure owns the argument.
    pub(crate) changes: bool,
    /// Statements that move each argument which `first` mentions so that the closure owns it.
    pub(crate) mentioned: Vec<TokenStream>,
    /// Binds what the attribute records of arguments whose patterns move into the body.
    pub(crate) outer: TokenStream,
    /// Unused variables, which trigger the compiler's warning about arguments that only the expansion uses.
    pub(crate) unused: TokenStream,
}

impl Captures {
    /// The lints that the code around the body would trigger.
    pub(crate) fn lints(&self) -> TokenStream {
        let braces = self.nested.then(|| quote!(unused_braces,));
        quote!(#braces)
    }
}

/// What a plan depends on, besides the signature.
pub(crate) struct Around<'a> {
    pub(crate) body: &'a TokenStream,
    /// Words of the expressions of the attributes, which are evaluated outside of the body.
    pub(crate) expressions: &'a HashSet<String>,
    /// Arguments that are recorded as they are.
    pub(crate) recorded: &'a HashSet<String>,
    /// Words of expressions that may move an argument before the body runs.
    pub(crate) taken: &'a HashSet<String>,
    /// Arguments that are read after the body has failed, if there are any, so that the body borrows them.
    pub(crate) kept: Option<&'a HashSet<String>>,
    pub(crate) is_async: bool,
}

/// An argument whose type may have a destructor.
struct Argument {
    /// Its position among the parameters.
    index: usize,
    names: Vec<Ident>,
    /// Its pattern is a name, or binds all of the value.
    is_whole: bool,
    /// `_`
    is_wild: bool,
    is_mutable: bool,
    attrs: Vec<Attribute>,
}

impl Argument {
    /// Whether its pattern is one name.
    fn is_simple(&self) -> bool {
        self.names.len() <= 1 && self.is_whole
    }

    fn is_named(&self, word: &str) -> bool {
        self.names.iter().any(|name| name == word)
    }

    fn has(&self, words: &HashSet<String>) -> bool {
        self.names
            .iter()
            .any(|name| words.contains(&name.to_string()))
    }
}

/// Plans the captures of a body, and adapts the signature.
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
        [only] if only.is_simple() => Some(only),
        _ => {
            let (kept, owned) = arguments.split_at(first_moved(&arguments, around));
            // The last argument is dropped first in any case, so the compiler may decide whether the closure owns it.
            let owned = match owned {
                [last] if !kept.is_empty() && !is_taken_apart(last, around) => &[],
                owned => owned,
            };
            if !owned.is_empty() {
                several(sig, owned, used, around, &mut captures);
            }
            if !kept.is_empty() {
                split(sig, owned, used, around, &mut captures);
            }
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

/// Whether the body may move a part of an argument, so that the closure must own all of it.
fn is_taken_apart(argument: &Argument, around: &Around<'_>) -> bool {
    !argument.is_simple() || argument.has(&taken_apart(around.body))
}

/// The index of the first argument that the body may move. The function keeps those declared before, and drops them last.
fn first_moved(arguments: &[Argument], around: &Around<'_>) -> usize {
    if around.kept.is_some() {
        return 0;
    }
    let moved = may_be_moved(around.body);
    let first = arguments.iter().position(|argument| argument.has(&moved));
    first.unwrap_or(arguments.len())
}

/// Makes the closure borrow the arguments that are declared before those it owns.
fn split(
    sig: &mut Signature,
    owned: &[Argument],
    used: &HashSet<String>,
    around: &Around<'_>,
    captures: &mut Captures,
) {
    captures.by_move = false;
    if !captures.mentioned.is_empty() {
        // Code that never runs moves them, so the closure owns them and nothing is copied.
        let moved = captures.mentioned.iter();
        captures
            .first
            .extend(quote!(if false { #(#moved)* loop {} }));
    }
    if around.is_async {
        captures.borrows = true;
        let mut rest = used.clone();
        rest.retain(|word| !owned.iter().any(|argument| argument.is_named(word)));
        let mentions = params::borrow_mutably(sig, &rest);
        captures.first.extend(mentions);
    }
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
        // A capitalized name is that of a constant or a unit struct.
        let is_variable = |name: &String| {
            name != "self" && !name.starts_with(|c: char| c == '_' || c.is_uppercase())
        };
        let is_unused = names.any(|name| is_variable(&name) && !used.contains(&name));
        is_unused && !argument.has(around.expressions) && !argument.has(around.recorded)
    };
    let (owned, variables) = match around.kept {
        // The body borrows what is read after it, and owns the rest.
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
            captures.mentioned.push(quote!(let _moved = #hidden;));
        } else {
            captures.first.extend(mention(argument));
            captures.mentioned.extend(moves(argument));
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

/// The arguments whose types may have a destructor.
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

/// Mentions an argument, so that the closure owns all of it.
fn mention(argument: &Argument) -> TokenStream {
    let mut tokens = TokenStream::new();
    for name in argument.names.iter().rev() {
        let cfg = cfgs(&argument.attrs);
        let allow = underscored(name);
        tokens.extend(quote!(#(#cfg)* #allow let _ = &#name;));
    }
    tokens
}

/// Statements that move an argument.
fn moves(argument: &Argument) -> impl Iterator<Item = TokenStream> {
    argument.names.iter().map(|name| {
        let cfg = cfgs(&argument.attrs);
        let allow = underscored(name);
        quote!(#(#cfg)* #allow let _moved = #name;)
    })
}

/// Clippy warns about the use of a `_name`, but here the expansion uses it.
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
        return own_receiver(argument, around, captures);
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
    // An argument that an expression of the attribute reads must be bound outside of the body, by value.
    if argument.has(around.expressions) || (is_recorded && by_reference.is_none()) {
        captures.mentioned.extend(moves(argument));
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
    // A wildcard does not move the value, so a variable of the whole value comes first.
    let mutable = params::binds_by_mutable_reference(&pat).then(<syn::Token![mut]>::default);
    captures.first.extend(quote! {
        #(#cfg)* let #mutable #hidden = #hidden;
        #(#attrs)* let #pat = #hidden;
    });
}

/// Makes the closure own `self`, which cannot be rebound.
fn own_receiver(argument: &Argument, around: &Around<'_>, captures: &mut Captures) {
    captures.mentioned.extend(moves(argument));
    captures.first.extend(match around.kept {
        // Code that never runs moves it.
        Some(_) => {
            let names = &argument.names;
            quote!(if false { let _moved = (#(#names,)*); loop {} })
        }
        None => mention(argument),
    });
}

/// An unused variable in place of an argument that the body does not use, but the closure mentions.
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

/// Lint levels apply to the variable, as `expect` must be fulfilled exactly once.
fn keep_cfgs(attrs: &mut Vec<Attribute>) {
    attrs.retain(|attr| attr.path().is_ident("cfg"));
}

/// Gives a parameter a name that cannot clash with one of the user's.
fn rename(sig: &mut Signature, index: usize) -> Ident {
    let hidden = format_ident!("__arg{}", index, span = Span::mixed_site());
    if let Some(FnArg::Typed(typed)) = sig.inputs.get_mut(index) {
        *typed.pat = Pat::Verbatim(quote!(#hidden));
    }
    hidden
}
