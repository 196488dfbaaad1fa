//! How many labels and series a metric may have, and which types may be labels.

use super::errors::Errors;
use super::kinds;
use super::messages as say;
use super::options::{Single, Written};
use proc_macro2::{Literal, Span};
use syn::{PathSegment, Type};

/// The most labels of one metric.
pub(crate) const MOST_LABELS: usize = 6;

/// How many series a metric may have if it has no `budget`.
const DEFAULT_BUDGET: usize = 2_000;

/// How many series a metric may have; as a kind of option value, `budget = 100`.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    pub series: usize,
    pub span: Span,
}

impl Budget {
    /// The budget of a metric that is declared without one.
    pub(crate) fn default_at(span: Span) -> Self {
        Self {
            series: DEFAULT_BUDGET,
            span,
        }
    }

    /// The number, at its span in the source.
    pub(crate) fn literal(&self) -> Literal {
        let mut series = Literal::usize_suffixed(self.series);
        series.set_span(self.span);
        series
    }
}

impl Single for Budget {
    type Value = Self;

    fn read(written: Written, errors: &mut Errors) -> Option<Self> {
        let number = kinds::Number::read(written, errors)?;
        let span = number.span();
        match errors.ok(number.base10_parse())? {
            0 => {
                errors.push(span, say::BUDGET_ZERO);
                None
            }
            series => Some(Self { series, span }),
        }
    }
}

/// Refuses label types that hold arbitrary text. The compiler checks that all others implement `Label`.
pub(crate) fn refuse_unbounded(ty: &Type, key: &str, errors: &mut Errors) {
    match peel(ty) {
        Type::Reference(reference) => {
            let is_static = reference
                .lifetime
                .as_ref()
                .is_some_and(|at| at.ident == "static");
            let is_str =
                last_segment(&reference.elem).is_some_and(|segment| segment.ident == "str");
            if is_str && !is_static {
                errors.at(ty, say::unbounded_label(key, "&str"));
            } else if !is_static {
                errors.at(ty, say::label_by_reference(key));
            }
        }
        Type::ImplTrait(_) => errors.at(ty, say::METRIC_GENERIC),
        ty => {
            if last_segment(ty).is_some_and(|segment| segment.ident == "String") {
                errors.at(ty, say::unbounded_label(key, "String"));
            }
        }
    }
}

/// The last segment of a path type.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// A type without parentheses and the invisible groups of `macro_rules!`.
fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        ty => ty,
    }
}
