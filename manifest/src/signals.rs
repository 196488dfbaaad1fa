//! What a program records: functions, metrics and business events.

use crate::place::Place;

record! {
    /// An annotated function.
    pub struct Function {
        /// The function's name with its type: `ContractService::release`. The value of the label `function` of metrics.
        name: String,
        /// Where it is declared.
        ..place: Place,
        /// The team that owns it; empty if there is none.
        owner: String,
        /// The names of its recorded fields.
        fields: Vec<String>,
        /// The kind of its span: `internal`, `server`, `client`, `producer` or `consumer`.
        kind: String,
        /// Whether it has a span and metrics. If not, it only reports errors or emits events.
        traced: bool,
        /// Whether its errors are reported.
        captures: bool,
        /// Whether its running calls are counted (`function.in_flight`).
        in_flight: bool,
        /// Calls that take longer than this many seconds are logged and counted (`function.slow`).
        slow: Option<f64>,
        /// Its service level objective.
        objective: Option<Objective>,
    }
}

record! {
    /// A service level objective of a function.
    pub struct Objective {
        /// The percentage of calls that succeed; 0 if there is no such objective.
        success_percent: f64,
        /// How long a call may take, in seconds; 0 if there is no such objective.
        latency: f64,
        /// The percentage of calls that take at most `latency`; 0 if there is no such objective.
        latency_percent: f64,
    }
}

record! {
    /// A metric.
    pub struct Metric {
        /// The dotted name: `bids.submitted`.
        name: String,
        /// The kind of metric.
        kind: MetricKind,
        /// The unit as a UCUM code: `s`, `By`, `{USD}`; empty if there is none.
        unit: String,
        /// The description.
        help: String,
        /// The labels.
        labels: Vec<Label>,
        /// The team that owns it; empty if there is none.
        owner: String,
        /// The maximum number of its series.
        budget: u64,
        /// Where it is declared.
        ..place: Place,
        /// What declares it.
        origin: Origin,
        /// The name in Prometheus: `bids_submitted_total`. A histogram's name lacks `_bucket`, `_count` and `_sum`.
        prometheus: String,
        /// The name in Datadog.
        datadog: String,
    }
}

words! {
    /// The kind of a metric.
    pub enum MetricKind {
        /// A sum that only grows.
        Counter = "counter",
        /// A value that goes up and down.
        Gauge = "gauge",
        /// A distribution of values.
        Histogram = "histogram",
    }
}

words! {
    /// What declares a metric.
    pub enum Origin {
        /// The program's metric catalog.
        Catalog = "catalog",
        /// A business event: its counter or one of its measures.
        Event = "event",
        /// The library: metrics of functions (`function.*`), requests (`http.*`) and telemetry (`instrumental.*`).
        Library = "library",
    }
}

record! {
    /// A label of a metric.
    #[derive(Eq)]
    pub struct Label {
        /// The dotted name.
        name: String,
        /// The name in Prometheus, where dots are underscores.
        prometheus: String,
        /// The values; empty if they are only known at run time.
        values: Vec<String>,
        /// The maximum number of values; 0 if it is unknown.
        limit: u64,
    }
}

record! {
    /// A business event. Its counter and measures are among the metrics.
    pub struct Event {
        /// The dotted name, which is also that of its counter.
        name: String,
        /// The description.
        help: String,
        /// The names of its fields.
        fields: Vec<String>,
        /// The dotted names of its measures' histograms: `payment.released.amount`.
        measures: Vec<String>,
        /// The team that owns it; empty if there is none.
        owner: String,
        /// Where it is declared.
        ..place: Place,
    }
}
