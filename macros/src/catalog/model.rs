//! A catalog that has been checked.

use crate::grammar::Krate;
use crate::grammar::help::Help;
use crate::grammar::limits::Budget;
use crate::grammar::unit::Unit;
use proc_macro2::Span;
use syn::{Attribute, Ident, Item, LitStr, Signature, Type, Visibility};

/// A whole catalog.
pub(crate) struct Catalog {
    /// Where the runtime is.
    pub krate: Krate,
    pub root: Module,
}

/// A module of metrics.
pub(crate) struct Module {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub ident: Ident,
    pub inner: Vec<Attribute>,
    pub entries: Vec<Entry>,
}

/// An item of a module.
pub(crate) enum Entry {
    Metric(Box<Metric>),
    Module(Module),
    Other(Box<Item>),
}

/// One metric and the function that reaches it.
pub(crate) struct Metric {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub sig: Signature,
    /// The dotted name.
    pub name: String,
    pub help: Help,
    pub kind: Kind,
    pub unit: Unit,
    pub labels: Vec<Label>,
    pub budget: Budget,
    pub owner: Option<LitStr>,
}

/// The kind of a metric, with the span of its word.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub word: KindWord,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum KindWord {
    Counter,
    Gauge,
    Histogram,
}

/// A label: an argument of the function.
pub(crate) struct Label {
    pub ident: Ident,
    /// The key, without `r#`.
    pub key: String,
    pub ty: Type,
}

impl KindWord {
    pub(crate) const ALL: [&'static str; 3] = ["Counter", "Gauge", "Histogram"];

    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "Counter" => Some(KindWord::Counter),
            "Gauge" => Some(KindWord::Gauge),
            "Histogram" => Some(KindWord::Histogram),
            _ => None,
        }
    }

    /// The type's name.
    pub(crate) fn type_name(self) -> &'static str {
        Self::ALL[self as usize]
    }

    /// The word in `family!`.
    pub(crate) fn family_word(self) -> &'static str {
        ["counter", "gauge", "histogram"][self as usize]
    }
}
