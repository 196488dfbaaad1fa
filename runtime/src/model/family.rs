//! A metric as its declaration describes it.

use super::label::LabelSpec;

/// What kind of metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution.
    Histogram,
}

impl MetricKind {
    /// Lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric's declaration.
#[derive(Clone, Copy, Debug)]
pub struct FamilySpec {
    /// Dotted name.
    pub name: &'static str,
    /// Its doc comment.
    pub help: &'static str,
    /// Its kind.
    pub kind: MetricKind,
    /// UCUM code of its unit.
    pub unit: &'static str,
    /// Word of its unit, as a Prometheus name ends in.
    pub unit_word: &'static str,
    /// The smallest power of two a histogram tells apart.
    pub floor: i16,
    /// Its labels.
    pub labels: &'static [LabelSpec],
    /// How many series it may have, the overflow series included.
    pub budget: usize,
    /// Who answers for it.
    pub owner: &'static str,
    /// Source file.
    pub file: &'static str,
    /// Source line.
    pub line: u32,
    /// Module.
    pub module: &'static str,
}

/// How many series a set of labels can have; those learnt at run time count once, as they are capped when they come.
#[must_use]
pub(crate) const fn worst_case(labels: &[LabelSpec]) -> usize {
    let (mut product, mut at) = (1_usize, 0);
    while at < labels.len() {
        if !labels[at].dynamic {
            product = product.saturating_mul(labels[at].cardinality);
        }
        at += 1;
    }
    product
}
