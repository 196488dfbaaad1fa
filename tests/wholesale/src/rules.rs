//! Which functions are left out, and why.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, ItemImpl, Signature};

/// Why a function has no attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Allocator,
    Requested,
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
    /// The text of the reason.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allocator => "a method of a global allocator: telemetry allocates",
            Self::Requested => "requested",
            Self::Const => "a const fn: nothing can be recorded at compile time",
            Self::Declaration => "no body: a declaration in a trait",
            Self::Foreign => "no body: a declaration in an extern block",
            Self::MacroInput => "within a macro call: the macro decides what it accepts",
            Self::MacroRules => "within macro_rules: not a function until it is expanded",
            Self::Naked => "a naked function: its body is one block of assembly",
            Self::PanicHandler => "a panic handler: it runs without std",
            Self::Unread => "syntax that syn keeps as tokens",
        }
    }

    /// Whether an attribute on an enclosing item would annotate the function, so that it needs `skip`.
    pub(crate) fn needs_skip(self) -> bool {
        matches!(
            self,
            Self::Allocator | Self::Requested | Self::Naked | Self::PanicHandler
        )
    }
}

/// The reason in the function's own attributes and signature.
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

/// Estimates the number of functions in a macro's tokens: `fn name`, `fn $name`.
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
