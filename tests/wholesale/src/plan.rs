//! How to annotate a file, and the functions found in it.

use crate::rules::Reason;
use proc_macro2::LineColumn;
use quote::ToTokens;

/// Which attributes to insert, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `#[traced] #[capture_errors]` on each function.
    Traced,
    /// `#[instrument(skip_all)]` on each function.
    Instrument,
    /// `#[traced]` on impl blocks, traits and inline modules, and on functions outside of them.
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

/// How to annotate a file.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) mode: Mode,
    pub(crate) extern_crate: bool,
    pub(crate) begin_tests: Option<String>,
    /// The first lines of functions to leave out.
    pub(crate) leave_out: Vec<usize>,
    /// The name of the file for marks, if annotated functions get one.
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

    /// An attribute without an effect that survives expansion, so that an expanded crate shows which functions `cfg` kept.
    /// It is a built-in attribute, because another one would need a prelude and add to the recursion depth of macros.
    pub(crate) fn mark_of(&self, found: &Found) -> Option<String> {
        let file = self.mark.as_ref()?;
        let place = format!("{file}:{}:{}", found.name_line, found.name);
        Some(format!("#[allow(clippy::wholesale, reason = {place:?})] "))
    }
}

/// A function that is annotated, directly or through an enclosing item.
#[derive(Debug)]
pub(crate) struct Found {
    /// Without `r#`.
    pub(crate) name: String,
    /// The line of its name, which is the line of its site.
    pub(crate) name_line: usize,
    /// The line where its signature begins.
    pub(crate) line: usize,
    /// The first line including its attributes.
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

/// The position of the first token after the outer attributes.
pub(crate) fn after_attributes(item: &impl ToTokens, attrs: usize) -> LineColumn {
    let mut tokens = item.to_token_stream().into_iter().peekable();
    for _ in 0..attrs {
        // `#` and its brackets. A doc comment has the same tokens.
        tokens.nth(1);
    }
    let first = tokens.peek().map(|token| token.span().start());
    first.unwrap_or(LineColumn { line: 1, column: 0 })
}
