//! Alerts: their conditions as queries of the program's metrics.

use crate::place::Place;

record! {
    /// An alert, as the program declares it.
    pub struct Alert {
        /// The name of its function: `payment_system_down`.
        name: String,
        /// How urgent it is.
        severity: Severity,
        /// What it means: the function's doc comment.
        summary: String,
        /// How it affects users.
        impact: String,
        /// The team that owns it.
        owner: String,
        /// A URL, or a path with a heading: `docs/runbooks.md#payments`; empty if there is none.
        runbook: String,
        /// Teams (`security`) or channels (`#alerts`) to notify in addition to those of the severity.
        notify: Vec<String>,
        /// Where it is declared.
        ..place: Place,
        /// When it fires.
        condition: Condition,
        /// Sentences about names in the condition that the program does not record; empty if there are none.
        unresolved: Vec<String>,
    }
}

words! {
    /// How urgent an alert is.
    #[derive(Ord, PartialOrd)]
    pub enum Severity {
        /// Critical: pages the engineer on call, and posts to chat.
        P1 = "P1",
        /// High: posts to chat and sends mail.
        P2 = "P2",
        /// Medium: posts to chat.
        P3 = "P3",
        /// Low: shown on the dashboards only.
        P4 = "P4",
    }
}

record! {
    /// When an alert fires.
    pub struct Condition {
        /// The number that is compared.
        query: Query,
        /// The time range of rates, counts and quantiles, in seconds.
        window: f64,
        /// How the number is compared.
        compare: Comparison,
        /// The limit, in the base unit of the query: a ratio from 0 to 1, events per second, seconds. With `past`, a
        /// factor of the past value.
        threshold: f64,
        /// The threshold's unit as a UCUM code: `1` for a ratio, `/s` for a rate, `s`, `{USD}`; empty for a plain number.
        unit: String,
        /// How long the comparison must hold before the alert fires, in seconds.
        lasting: f64,
        /// If set, the number is compared with its own value this many seconds ago.
        past: Option<f64>,
    }
}

words! {
    /// How a number is compared with a threshold.
    pub enum Comparison {
        /// Above the threshold.
        Above = "above",
        /// Below the threshold.
        Below = "below",
        /// Nothing was recorded within the window. The query is an `increase`; threshold and unit are not used.
        Absent = "absent",
    }
}

tagged! {
    /// A number that is calculated from metrics.
    pub enum Query {
        /// Events per second, of a counter or of the values of a histogram.
        Rate = "rate" {
            /// The series, which are added up.
            of: Vec<Selection>,
        },
        /// Events within the window.
        Increase = "increase" {
            /// The series, which are added up.
            of: Vec<Selection>,
        },
        /// A ratio of event rates, from 0 to 1. It has no value if there are no events.
        Share = "share" {
            /// The numerator.
            part: Vec<Selection>,
            /// The denominator.
            whole: Vec<Selection>,
        },
        /// A quantile of a histogram's values.
        Quantile = "quantile" {
            /// The quantile, from 0 to 1.
            q: f64,
            /// The histogram.
            of: Selection,
        },
        /// The mean of a histogram's values.
        Average = "average" {
            /// The histogram.
            of: Selection,
        },
        /// The sum of a histogram's values within the window, such as money or bytes.
        Total = "total" {
            /// The histograms, which are added up.
            of: Vec<Selection>,
        },
        /// The value of a gauge, summed over its series.
        Level = "level" {
            /// The gauge.
            of: Selection,
        },
        /// The value of one gauge divided by that of another.
        Fraction = "fraction" {
            /// The numerator.
            part: Selection,
            /// The denominator.
            whole: Selection,
        },
    }
}

record! {
    /// Series of one metric.
    pub struct Selection {
        /// The dotted name of a metric in the manifest.
        metric: String,
        /// Conditions on labels, all of which hold.
        #[cfg_attr(feature = "serde", serde(default))]
        matchers as "where": Vec<Matcher>,
    }
}

record! {
    /// A condition on a label.
    #[derive(Eq)]
    pub struct Matcher {
        /// The label's dotted name.
        label: String,
        /// How the label's value is compared.
        is: MatchOperator,
        /// What it is compared with.
        values: Vec<String>,
    }
}

words! {
    /// How a label's value is compared.
    pub enum MatchOperator {
        /// Equal to one of the values.
        In = "in",
        /// Equal to none of the values.
        NotIn = "not_in",
        /// Starts with one of the values, such as `5` for a status code.
        Prefix = "prefix",
    }
}
