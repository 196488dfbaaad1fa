//! Dashboards as plain data: what is shown, not how a vendor spells it.

use instrumental_manifest::{Function, Objective, Query, Severity};

/// A page of panels.
#[derive(Clone, Debug)]
pub(super) struct Dashboard {
    /// Lower case, unique among the dashboards of a service: file names and ids are made of it.
    pub key: String,
    pub title: String,
    /// What it answers, in a sentence or two.
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
    /// Nothing where there are no panels: an empty heading tells nobody anything.
    pub(super) fn of(title: impl Into<String>, panels: Vec<Panel>) -> Option<Self> {
        let title = title.into();
        (!panels.is_empty()).then_some(Self { title, panels })
    }
}

/// One picture.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub title: String,
    /// What the signals behind it are, one sentence each.
    pub about: Vec<String>,
    pub view: View,
    pub over: Over,
    pub unit: Unit,
    pub series: Vec<Series>,
    pub limits: Vec<Limit>,
}

/// How it is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum View {
    /// One number.
    Number,
    /// Lines over time.
    Lines,
    /// The ten highest series, as a list.
    Highest,
    /// Whether all is well, in a word.
    Status,
    /// Alerts that fire, as a list.
    Firing,
}

/// The time that a number or a point of a line looks back over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Over {
    /// The 24 hours before the dashboard's end, whatever range it shows.
    Day,
    /// The last minutes.
    Now,
    /// As the dashboard's resolution has it.
    Point,
    /// So many seconds before each point.
    Window(f64),
}

/// What a number counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Unit {
    /// UCUM code, as the manifest has it; empty: none.
    Of(String),
    /// 0 to 1.
    Part,
    /// Requests or calls a second.
    Requests,
    /// Other things a second.
    PerSecond,
}

/// Numbers of one kind, a line for each combination of the labels in `by`.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub source: Source,
    /// Its name where it has no labels, and what stands before them.
    pub legend: String,
    /// Dotted names of labels.
    pub by: Vec<String>,
    /// What it was then, and not what it is.
    pub past: Option<Past>,
}

/// An earlier time, and what numbers of then are multiplied by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Past {
    /// How long ago, in seconds.
    pub seconds: f64,
    pub factor: f64,
}

/// Where a number comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Signal(Query),
    /// Which part of the time the service was there.
    Uptime,
    /// Which part of a function's error budget is left.
    Budget {
        function: Function,
        objective: Objective,
        slo: Slo,
    },
    /// How many alerts of the service fire.
    Firing,
}

/// What an objective is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Slo {
    Success,
    Latency,
}

/// A line that an alert draws.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limit {
    pub at: f64,
    /// Bad is above it; else below.
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

    /// A number of the last 24 hours.
    pub(super) fn day(unit: Unit, title: impl Into<String>, query: Query) -> Self {
        let panel = Self::new(View::Number, Over::Day, unit, title);
        panel.with(Series::of(query, ""))
    }

    /// A number as it is now.
    pub(super) fn now(unit: Unit, title: impl Into<String>, query: Query) -> Self {
        let panel = Self::new(View::Number, Over::Now, unit, title);
        panel.with(Series::of(query, ""))
    }

    /// Lines over time.
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

    /// The queries that it draws.
    pub(super) fn queries(&self) -> impl Iterator<Item = &Query> {
        self.series
            .iter()
            .filter_map(|series| match &series.source {
                Source::Signal(query) => Some(query),
                _ => None,
            })
    }
}
