//! Dashboards as data, independent of the vendor.

use instrumental_manifest::{Function, Objective, Query, Severity};

/// A dashboard.
#[derive(Clone, Debug)]
pub(super) struct Dashboard {
    /// A name in lower case, unique among the dashboards of a service. File names and ids are derived from it.
    pub key: String,
    pub title: String,
    /// What it shows, in a sentence or two.
    pub about: String,
    pub sections: Vec<Section>,
}

/// Panels under one heading.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub title: String,
    pub panels: Vec<Panel>,
}

impl Section {
    /// Returns a section, or `None` if there are no panels.
    pub(super) fn of(title: impl Into<String>, panels: Vec<Panel>) -> Option<Self> {
        let title = title.into();
        (!panels.is_empty()).then_some(Self { title, panels })
    }
}

/// A panel.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub title: String,
    /// The descriptions of its signals, one sentence each.
    pub about: Vec<String>,
    pub view: View,
    pub over: Over,
    pub unit: Unit,
    pub series: Vec<Series>,
    pub limits: Vec<Limit>,
}

/// How a panel is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum View {
    /// One number.
    Number,
    /// Lines over time.
    Lines,
    /// The ten highest series, as a list.
    Highest,
    /// The health, as a word.
    Status,
    /// The firing alerts, as a list.
    Firing,
}

/// The time range of a number or a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Over {
    /// The last 24 hours, regardless of the selected time range.
    Day,
    /// The last minutes.
    Now,
    /// The resolution of the dashboard.
    Point,
    /// A number of seconds before each point.
    Window(f64),
}

/// The unit of a number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Unit {
    /// A UCUM code as in the manifest; empty if there is none.
    Of(String),
    /// A ratio from 0 to 1.
    Part,
    /// Requests or calls per second.
    Requests,
    /// Other events per second.
    PerSecond,
}

/// A query, with a line for each combination of the labels in `by`.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub source: Source,
    /// Its name; the labels follow it.
    pub legend: String,
    /// Dotted names of labels.
    pub by: Vec<String>,
    /// Shows a past value instead of the current one.
    pub past: Option<Past>,
}

/// An earlier time, and a factor for its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Past {
    /// How long ago, in seconds.
    pub seconds: f64,
    pub factor: f64,
}

/// The source of a number.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Signal(Query),
    /// The uptime of the service, as a ratio.
    Uptime,
    /// The remaining ratio of a function's error budget.
    Budget {
        function: Function,
        objective: Objective,
        slo: Slo,
    },
    /// The number of firing alerts of the service.
    Firing,
}

/// The goal of an objective.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Slo {
    Success,
    Latency,
}

/// The threshold of an alert.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limit {
    pub at: f64,
    /// Whether values above it are bad; if not, those below.
    pub above: bool,
    pub alert: String,
    pub severity: Severity,
}

impl Series {
    pub(super) fn of(query: Query, legend: impl Into<String>) -> Self {
        Self {
            source: Source::Signal(query),
            legend: legend.into(),
            by: Vec::new(),
            past: None,
        }
    }

    pub(super) fn by(mut self, labels: &[&str]) -> Self {
        self.by = labels.iter().map(|&label| label.to_owned()).collect();
        self
    }
}

impl Panel {
    pub(super) fn new(view: View, over: Over, unit: Unit, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            about: Vec::new(),
            view,
            over,
            unit,
            series: Vec::new(),
            limits: Vec::new(),
        }
    }

    /// Returns a panel with a number of the last 24 hours.
    pub(super) fn day(unit: Unit, title: impl Into<String>, query: Query) -> Self {
        let panel = Self::new(View::Number, Over::Day, unit, title);
        panel.with(Series::of(query, ""))
    }

    /// Returns a panel with a current number.
    pub(super) fn now(unit: Unit, title: impl Into<String>, query: Query) -> Self {
        let panel = Self::new(View::Number, Over::Now, unit, title);
        panel.with(Series::of(query, ""))
    }

    /// Returns a panel with lines over time.
    pub(super) fn lines(unit: Unit, title: impl Into<String>, series: Vec<Series>) -> Self {
        let mut panel = Self::new(View::Lines, Over::Point, unit, title);
        panel.series = series;
        panel
    }

    pub(super) fn with(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    pub(super) fn about(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.about.push(text);
        }
        self
    }

    /// Returns the queries of the panel.
    pub(super) fn queries(&self) -> impl Iterator<Item = &Query> {
        self.series
            .iter()
            .filter_map(|series| match &series.source {
                Source::Signal(query) => Some(query),
                _ => None,
            })
    }
}
