//! What a program says of itself: the manifest that `init()` prints where `INSTRUMENTAL_MANIFEST` is set.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// The version of the format that this tool reads and programs of this version write.
pub(crate) const VERSION: u32 = 1;
/// The module of what comes with the library.
pub(crate) const LIBRARY: &str = "instrumental";

/// Everything a program can report, and how it is set up to report it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Manifest {
    /// Version of the format: [`VERSION`].
    pub manifest: u32,
    /// Version of the library that wrote it.
    pub instrumental: String,
    pub service: Service,
    pub functions: Vec<Function>,
    pub metrics: Vec<Metric>,
    pub events: Vec<Event>,
    pub alerts: Vec<Alert>,
    pub config: Config,
}

/// Who the telemetry is of.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Service {
    pub name: String,
    pub environment: String,
    pub version: Option<String>,
}

/// A place in the source.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Place {
    pub file: String,
    pub line: u32,
    pub module: String,
}

impl Place {
    /// `src/payments.rs:40`; of what the library brings along, its module.
    pub(crate) fn source(&self) -> String {
        if self.file.is_empty() {
            return self.module.clone();
        }
        format!("{}:{}", self.file, self.line)
    }

    /// Whether it is in the library: where no reader of the program's source finds it.
    pub(crate) fn is_of_library(&self) -> bool {
        is_of_library(&self.module)
    }
}

pub(crate) fn is_of_library(module: &str) -> bool {
    module == LIBRARY || module.starts_with("instrumental::")
}

/// An annotated function.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Function {
    /// With its type: `ContractService::release`. The value of the metrics' label `function`.
    pub name: String,
    #[serde(flatten)]
    pub place: Place,
    /// Who answers for it; empty: nobody is named.
    pub owner: String,
    /// Recorded fields.
    pub fields: Vec<String>,
    /// `internal`, `server`, `client`, `producer`, `consumer`.
    pub kind: String,
    /// Whether it has a span and metrics; else it only reports errors or emits events.
    pub traced: bool,
    /// Whether its errors are reported.
    pub captures: bool,
    /// Whether running calls are counted (`function.in_flight`).
    pub in_flight: bool,
    /// A call that takes longer is logged and counted (`function.slow`); seconds.
    pub slow: Option<f64>,
    pub objective: Option<Objective>,
}

/// A service level objective of a function.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Objective {
    /// How many of a hundred calls succeed; 0: not given.
    pub success_percent: f64,
    /// How long a call may take, in seconds; 0: not given.
    pub latency: f64,
    /// How many of a hundred calls take no longer; 0: not given.
    pub latency_percent: f64,
}

/// A metric.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Metric {
    /// Dotted name: `bids.submitted`.
    pub name: String,
    pub kind: Kind,
    /// UCUM code: `s`, `By`, `{USD}`; empty: none.
    pub unit: String,
    pub help: String,
    pub labels: Vec<Label>,
    /// Who answers for it; empty: nobody is named.
    pub owner: String,
    /// How many series it may have.
    pub budget: usize,
    #[serde(flatten)]
    pub place: Place,
    /// Where it comes from.
    pub origin: Origin,
    /// Its name in Prometheus: `bids_submitted_total`; of a histogram without `_bucket`, `_count`, `_sum`.
    pub prometheus: String,
    /// Its name in Datadog.
    pub datadog: String,
}

/// What kind of metric.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Where a metric comes from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// The program's catalog.
    Catalog,
    /// The counter, or a measure, of a business event.
    Event,
    /// The library: of annotated functions (`function.*`), requests (`http.*`), telemetry itself (`instrumental.*`).
    Library,
}

/// A label of a metric.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Label {
    pub name: String,
    /// Its name in Prometheus: dots become underscores.
    pub prometheus: String,
    /// Its values; empty where they are learnt at run time.
    pub values: Vec<String>,
    /// How many values it can have; 0: not known beforehand.
    pub limit: usize,
}

/// A business event. Its counter and measures stand among the metrics.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Event {
    /// Dotted name, also of its counter.
    pub name: String,
    pub help: String,
    pub fields: Vec<String>,
    /// Dotted names of its measures' histograms: `payment.released.amount`.
    pub measures: Vec<String>,
    /// Who answers for it; empty: nobody is named.
    pub owner: String,
    #[serde(flatten)]
    pub place: Place,
}

/// An alert, as the program declares it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Alert {
    /// Name of its function: `payment_system_down`.
    pub name: String,
    pub severity: Severity,
    /// What it means: the function's doc comment.
    pub summary: String,
    /// What it does to users.
    pub impact: String,
    /// Who answers for it: a team's name.
    pub owner: String,
    /// A URL, or a path with a heading: `docs/runbooks.md#payments`; empty: none.
    pub runbook: String,
    /// Who is told besides those that the severity says: a team (`security`) or a channel (`#alerts`).
    pub notify: Vec<String>,
    #[serde(flatten)]
    pub place: Place,
    pub condition: Condition,
    /// What it names that the program does not record, as sentences. Empty where all is well.
    pub unresolved: Vec<String>,
}

/// P1 to P4.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ValueEnum,
)]
#[value(rename_all = "verbatim")]
pub(crate) enum Severity {
    /// Critical: pages the engineer on call, and is posted to chat.
    P1,
    /// High: chat and mail.
    P2,
    /// Medium: chat.
    P3,
    /// Low: shown on the dashboards.
    P4,
}

/// When an alert fires.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Condition {
    pub query: Query,
    /// The time that rates, counts and quantiles look back over, in seconds.
    pub window: f64,
    pub compare: Compare,
    /// In the base unit of the query: a ratio of one, events a second, seconds. Where `past` is set, the factor of what
    /// the query was then.
    pub threshold: f64,
    /// UCUM code of the threshold: `1` of a ratio, `/s` of a rate, `s`, `{USD}`; empty: a plain number.
    pub unit: String,
    /// How long it must hold, in seconds.
    pub lasting: f64,
    /// Compared with itself that many seconds ago.
    pub past: Option<f64>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Compare {
    Above,
    Below,
    /// Nothing was recorded within the window. Threshold and unit say nothing; the query is an `increase`.
    Absent,
}

/// A number made from signals.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Query {
    /// Events a second: of a counter, or of the values of a histogram.
    Rate { of: Vec<Selection> },
    /// Events within the window.
    Increase { of: Vec<Selection> },
    /// Events of which part, 0 to 1: `part` a second divided by `whole` a second. No events: no value.
    Share {
        part: Vec<Selection>,
        whole: Vec<Selection>,
    },
    /// The value below which the part `q` of a histogram's values lie.
    Quantile { q: f64, of: Selection },
    /// The mean of a histogram's values.
    Average { of: Selection },
    /// The sum of a histogram's values within the window: money, bytes.
    Total { of: Vec<Selection> },
    /// The level of a gauge, summed over its series.
    Level { of: Selection },
    /// One level divided by another.
    Fraction { part: Selection, whole: Selection },
}

/// Series of one metric.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Selection {
    /// Dotted name: of a metric in the manifest.
    pub metric: String,
    /// All of them hold.
    #[serde(rename = "where", default)]
    pub matchers: Vec<Matcher>,
}

/// What a label has to be.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Matcher {
    /// The label's dotted name.
    pub label: String,
    pub is: Is,
    pub values: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Is {
    /// One of the values.
    In,
    /// None of the values.
    NotIn,
    /// Begins with one of the values: `5` of a status.
    Prefix,
}

/// How the program is set up to report, without secrets.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Config {
    /// What is wrong with the settings, as sentences: `init()` refuses them.
    pub faults: Vec<String>,
    /// Features that the library was built with.
    pub features: Vec<String>,
    /// `info,sqlx=warn`.
    pub log_filter: String,
    /// Part of the traces that is recorded.
    pub sample_rate: f64,
    /// Rates by function or route.
    pub sample_rules: Vec<SampleRule>,
    pub keep_notable: bool,
    /// Backends that are on.
    pub backends: Vec<Backend>,
    /// Variables of the environment that were looked at and are set, by name; secrets are left out.
    pub environment: Vec<Variable>,
    /// Variables that the program asks for, set or not; empty: a program that does not tell.
    #[serde(default)]
    pub asked: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct SampleRule {
    pub name: String,
    pub rate: f64,
}

/// A backend that is on.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Backend {
    /// `sentry`, `datadog`, `otlp`, `prometheus`, `logs`, `live`.
    pub name: String,
    /// Where it sends to or is served at.
    pub endpoints: Vec<Endpoint>,
    /// Part of the errors that is sent; of Sentry.
    pub error_sample_rate: Option<f64>,
}

/// An address of a backend.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Endpoint {
    /// `errors`, `traces`, `metrics`, `logs`, `pages`.
    pub signal: String,
    /// `http://host:8126`, `udp://host:8125`, `unix:///path`, `file:///folder`, `tcp://host:port`; without user, key,
    /// password and query.
    pub address: String,
}

/// A variable of the environment.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Variable {
    pub name: String,
    /// `…` where it may hold a secret.
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_file_is_its_modules() {
        let mut place = Place {
            module: "instrumental".into(),
            ..Place::default()
        };
        assert_eq!(place.source(), "instrumental");
        assert!(place.is_of_library());
        (place.file, place.line) = ("src/a.rs".into(), 7);
        place.module = "instrumental_shop".into();
        assert_eq!(place.source(), "src/a.rs:7");
        assert!(!place.is_of_library());
    }
}
