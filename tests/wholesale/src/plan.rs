//! What is to be done to a file, and what was found in it.

use crate::rules::Reason;
use proc_macro2::LineColumn;
use quote::ToTokens;

/// Where attributes go, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `#[traced] #[capture_errors]` on each function.
    Traced,
    /// `#[instrument(skip_all)]` on each function.
    Instrument,
    /// `#[traced]` on impl blocks, traits, inline modules, and on functions that are in none of them.
    Bulk,
}

impl Mode {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "traced" => Some(Self::Traced),
            "instrument" => Some(Self::Instrument),
            "bulk" => Some(Self::Bulk),
            _ => None,
        }
    }

    /// The text before a function, an impl block, a trait or a module.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Traced => "#[::instrumental::traced] #[::instrumental::capture_errors] ",
            Self::Instrument => "#[::instrumental::instrument(skip_all)] ",
            Self::Bulk => "#[::instrumental::traced] ",
        }
    }
}

/// What is to be done to a file.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) mode: Mode,
    pub(crate) extern_crate: bool,
    pub(crate) begin_tests: Option<String>,
    /// First lines of functions.
    pub(crate) leave_out: Vec<usize>,
    /// The name of the file, if each annotated function gets a mark that the compiler keeps.
    pub(crate) mark: Option<String>,
}

impl Plan {
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            mode,
            extern_crate: false,
            begin_tests: None,
            leave_out: Vec::new(),
            mark: None,
        }
    }

    /// An attribute without an effect. It survives expansion, so an expanded crate shows which functions `cfg` kept,
    /// whatever our own attributes did. It is built in: another would need a prelude, and adds to the depth of macros.
    pub(crate) fn mark_of(&self, found: &Found) -> Option<String> {
        let file = self.mark.as_ref()?;
        let place = format!("{file}:{}:{}", found.name_line, found.name);
        Some(format!("#[allow(clippy::wholesale, reason = {place:?})] "))
    }
}

/// A function that is annotated, by itself or by what it is in.
#[derive(Debug)]
pub(crate) struct Found {
    /// Without `r#`.
    pub(crate) name: String,
    /// The line of its name, which is the line of its site.
    pub(crate) name_line: usize,
    /// Where its signature begins.
    pub(crate) line: usize,
    /// With its attributes.
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// Functions that are not annotated.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) line: usize,
    pub(crate) count: usize,
    pub(crate) reason: Reason,
}

/// Where the first token is that is not of an outer attribute.
pub(crate) fn after_attributes(item: &impl ToTokens, attrs: usize) -> LineColumn {
    let mut tokens = item.to_token_stream().into_iter().peekable();
    for _ in 0..attrs {
        // `#` and its brackets; a doc comment is the same in tokens.
        tokens.nth(1);
    }
    let first = tokens.peek().map(|token| token.span().start());
    first.unwrap_or(LineColumn { line: 1, column: 0 })
}
