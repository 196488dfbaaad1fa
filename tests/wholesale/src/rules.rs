//! Which functions are left alone, and why.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, ItemImpl, Signature};

/// Why a function has no attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Allocator,
    Asked,
    Const,
    Declaration,
    Foreign,
    MacroInput,
    MacroRules,
    Naked,
    PanicHandler,
    Unread,
}

impl Reason {
    /// What is printed.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allocator => "a method of a global allocator: telemetry allocates",
            Self::Asked => "requested",
            Self::Const => "a const fn: there is nothing to record in the compiler",
            Self::Declaration => "no body: a trait's declaration",
            Self::Foreign => "no body: an extern block's declaration",
            Self::MacroInput => "text within a macro's call: the macro decides what it accepts",
            Self::MacroRules => "text within macro_rules: no function until it is expanded",
            Self::Naked => "a naked function: its body is one block of assembly",
            Self::PanicHandler => "a panic handler: it runs where there is no std",
            Self::Unread => "syntax that syn keeps as tokens",
        }
    }

    /// Whether it would be annotated if only what surrounds it were, and must say that it is not.
    pub(crate) fn needs_skip(self) -> bool {
        matches!(
            self,
            Self::Allocator | Self::Asked | Self::Naked | Self::PanicHandler
        )
    }
}

/// The reason that a function itself gives.
pub(crate) fn of_function(attrs: &[Attribute], sig: &Signature) -> Option<Reason> {
    if sig.constness.is_some() {
        return Some(Reason::Const);
    }
    attrs.iter().find_map(|attr| {
        let mut path = attr.path().clone();
        // `#[unsafe(naked)]`
        if path.is_ident("unsafe")
            && let Ok(inner) = attr.parse_args()
        {
            path = inner;
        }
        if path.is_ident("naked") {
            Some(Reason::Naked)
        } else if path.is_ident("panic_handler") {
            Some(Reason::PanicHandler)
        } else {
            None
        }
    })
}

/// Whether an impl block is one of `GlobalAlloc`.
pub(crate) fn is_allocator(item: &ItemImpl) -> bool {
    let last = item
        .trait_
        .as_ref()
        .and_then(|(path, _)| path.segments.last());
    last.is_some_and(|last| last.ident == "GlobalAlloc")
}

/// Whether a function is a test: `#[test]`, `#[tokio::test]` and the like.
pub(crate) fn is_test(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let last = attr.path().segments.last();
        last.is_some_and(|last| last.ident == "test")
    })
}

/// How many functions a macro's text looks to have: `fn name`, `fn $name`.
pub(crate) fn functions_in(tokens: TokenStream) -> usize {
    let mut count = 0;
    let mut after_fn = false;
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                count += usize::from(after_fn);
                after_fn = word == "fn";
            }
            TokenTree::Punct(mark) => {
                count += usize::from(after_fn && mark.as_char() == '$');
                after_fn = false;
            }
            TokenTree::Group(group) => {
                after_fn = false;
                count += functions_in(group.stream());
            }
            TokenTree::Literal(_) => after_fn = false,
        }
    }
    count
}
