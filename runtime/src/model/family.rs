//! Declarations of metrics.

use super::fault::ErrorKind;
use super::label::LabelSpec;
use super::outcome::Outcome;
use super::unit::{self, Unit};

/// The kind of a metric.
///
/// ```
/// use instrumental::MetricKind;
/// assert_eq!(MetricKind::Histogram.as_str(), "histogram");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// A count that only grows.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// A distribution of values.
    Histogram,
}

impl MetricKind {
    /// Returns the lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// The declaration of a metric.
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
    /// Suffix that its unit adds to the Prometheus name.
    pub unit_word: &'static str,
    /// Exponent of the smallest power of two that the histogram distinguishes.
    pub floor: i16,
    /// Its labels.
    pub labels: &'static [LabelSpec],
    /// Maximum number of series, including the overflow series.
    pub budget: usize,
    /// The owning team.
    pub owner: &'static str,
    /// Source file.
    pub file: &'static str,
    /// Source line.
    pub line: u32,
    /// Module.
    pub module: &'static str,
}

/// The metrics of annotated functions, which every program has.
pub(crate) mod built_in {
    use super::{ErrorKind, FamilySpec, LabelSpec, MetricKind, Outcome, Unit, unit};

    const FUNCTION: LabelSpec = LabelSpec::learnt("function");
    const MODULE: LabelSpec = LabelSpec::learnt("module");
    const OUTCOME: LabelSpec = LabelSpec {
        name: "outcome",
        cardinality: Outcome::ALL.len(),
        counted: Outcome::ALL.len(),
        dynamic: false,
        value: |index| Outcome::ALL[index].as_str(),
    };

    const CLASS: LabelSpec = LabelSpec {
        name: "class",
        cardinality: ErrorKind::ALL.len(),
        counted: ErrorKind::ALL.len(),
        dynamic: false,
        value: |index| ErrorKind::ALL[index].as_str(),
    };

    const fn of<U: Unit>(
        name: &'static str,
        help: &'static str,
        kind: MetricKind,
        labels: &'static [LabelSpec],
    ) -> FamilySpec {
        FamilySpec {
            name,
            help,
            kind,
            unit: U::CODE,
            unit_word: U::WORD,
            floor: U::FLOOR,
            labels,
            budget: 0,
            owner: "",
            file: "",
            line: 0,
            module: "instrumental",
        }
    }

    pub(crate) static DURATION: FamilySpec = of::<unit::Seconds>(
        "function.duration",
        "How long calls of an annotated function took.",
        MetricKind::Histogram,
        &[FUNCTION, MODULE, OUTCOME],
    );
    pub(crate) static ERRORS: FamilySpec = of::<unit::None>(
        "function.errors",
        "Errors that an annotated function returned.",
        MetricKind::Counter,
        &[FUNCTION, MODULE, LabelSpec::learnt("error"), CLASS],
    );
    pub(crate) static IN_FLIGHT: FamilySpec = of::<unit::None>(
        "function.in_flight",
        "Calls of an annotated function that run now.",
        MetricKind::Gauge,
        &[FUNCTION, MODULE],
    );
    pub(crate) static SLOW: FamilySpec = SLOW_SPEC;
    pub(crate) const SLOW_SPEC: FamilySpec = of::<unit::None>(
        "function.slow",
        "Calls of an annotated function that took longer than their limit.",
        MetricKind::Counter,
        &[FUNCTION, MODULE],
    );
    /// All of them.
    pub(crate) static ALL: [&FamilySpec; 4] = [&DURATION, &ERRORS, &IN_FLIGHT, &SLOW];
}

/// Returns the maximum number of series that a set of labels can have. A label whose values are learnt at run time counts
/// with its declared cap; without a cap it counts as one, because the metric's budget bounds it.
#[must_use]
pub(crate) const fn worst_case(labels: &[LabelSpec]) -> usize {
    let (mut product, mut at) = (1_usize, 0);
    while at < labels.len() {
        product = product.saturating_mul(labels[at].counted);
        at += 1;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bounded;

    #[test]
    fn f16_values_learnt_at_run_time_count() {
        let cases: [(&[LabelSpec], usize); 5] = [
            (&[], 1),
            (
                &[
                    LabelSpec::of::<Bounded<100>>("from"),
                    LabelSpec::of::<Bounded<100>>("to"),
                ],
                10_000,
            ),
            (
                &[
                    LabelSpec::of::<bool>("won"),
                    LabelSpec::of::<&'static str>("key"),
                ],
                2,
            ),
            (&[LabelSpec::of::<(bool, Bounded<50>)>("pair")], 100),
            (
                &[LabelSpec::of::<((Bounded<{ usize::MAX }>, Bounded<3>), bool)>("endless")],
                usize::MAX,
            ),
        ];
        for (labels, series) in cases {
            assert_eq!(worst_case(labels), series, "{labels:?}");
        }
    }
}
