//! Asking for what was reported.

use super::heard::Heard;
use super::metric::{Metric, MetricValue};
use super::seen_items::{Event, Item, Log, Report, Span};
use super::show::{self, fields, list};
use crate::model::drop_reason::DropReason;
use std::fmt;

/// What was reported while something ran. See [`capture`](super::capture).
///
/// Everything is in the order in which it was reported. Its [`Display`](std::fmt::Display) shows all of it.
pub struct Seen {
    items: Vec<Item>,
    metrics: Vec<Metric>,
    lost: Vec<(DropReason, u64)>,
}

impl Seen {
    pub(super) fn new(heard: Heard) -> Self {
        let metrics = heard.metrics.iter();
        Self {
            metrics: metrics
                .map(|(series, number)| number.metric(series))
                .collect(),
            items: heard.items,
            lost: heard.lost,
        }
    }

    /// The spans as a tree, a line each, with the business events in them; without durations and ids, so that the same
    /// run gives the same text.
    ///
    /// ```text
    /// ContractService::release contract_id=7 error(NotFound)
    /// ├─ DeliveryStats::read ok
    /// ├─ • payment.released amount=12.5
    /// └─ notify cancelled
    /// ```
    #[must_use]
    pub fn tree(&self) -> String {
        show::tree(&self.items)
    }

    /// The spans, in the order of their beginnings.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        self.items.iter().filter_map(|item| match item {
            Item::Span(span) => Some(span),
            _ => None,
        })
    }

    /// The first span of this name.
    ///
    /// # Panics
    /// There is none; the message shows what there is.
    #[track_caller]
    #[must_use]
    pub fn span(&self, name: &str) -> &Span {
        match self.spans().find(|span| span.name == name) {
            Some(span) => span,
            None => self.absent("span", name),
        }
    }

    /// The business events.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.items.iter().filter_map(|item| match item {
            Item::Event(event) => Some(event),
            _ => None,
        })
    }

    /// The first business event of this name.
    ///
    /// # Panics
    /// There is none; the message shows what there is.
    #[track_caller]
    #[must_use]
    pub fn event(&self, name: &str) -> &Event {
        match self.events().find(|event| event.name == name) {
            Some(event) => event,
            None => self.absent("event", name),
        }
    }

    /// Reported errors and messages, and slow calls.
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        self.items.iter().filter_map(|item| match item {
            Item::Report(report) => Some(report),
            _ => None,
        })
    }

    /// The first report with this label (variant or type of the error) or this text.
    ///
    /// # Panics
    /// There is none; the message shows what there is.
    #[track_caller]
    #[must_use]
    pub fn report(&self, label: &str) -> &Report {
        let is_it = |report: &&Report| report.label == label || report.text == label;
        match self.reports().find(is_it) {
            Some(report) => report,
            None => self.absent("report", label),
        }
    }

    /// The log lines of `tracing`, of every level.
    pub fn logs(&self) -> impl Iterator<Item = &Log> {
        self.items.iter().filter_map(|item| match item {
            Item::Log(log) => Some(log),
            _ => None,
        })
    }

    /// The first log line with this message.
    ///
    /// # Panics
    /// There is none; the message shows what there is.
    #[track_caller]
    #[must_use]
    pub fn log(&self, message: &str) -> &Log {
        match self.logs().find(|log| log.message == message) {
            Some(log) => log,
            None => self.absent("log line", message),
        }
    }

    /// Every series that was recorded in. The annotated functions' own are among them: `function.duration`,
    /// `function.errors`, `function.in_flight`, `function.slow`.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// What the counter of this name counted, over all series that have at least these labels.
    ///
    /// # Panics
    /// Nothing was counted, or it is no counter; the message shows what there is.
    #[track_caller]
    #[must_use]
    pub fn counter(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let counts = self
            .matching(name, labels)
            .map(|metric| match metric.value {
                MetricValue::Counter(count) => Some(count),
                _ => None,
            });
        match counts.sum::<Option<u64>>() {
            Some(count) if self.has(name, labels) => count,
            _ => self.absent("counter", &named(name, labels)),
        }
    }

    /// The level of the gauge of this name that has at least these labels; the sum over all that have.
    ///
    /// # Panics
    /// It was not set, or it is no gauge; the message shows what there is.
    #[track_caller]
    #[must_use]
    pub fn gauge(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let levels = self
            .matching(name, labels)
            .map(|metric| match metric.value {
                MetricValue::Gauge(level) => Some(level),
                _ => None,
            });
        match levels.sum::<Option<f64>>() {
            Some(level) if self.has(name, labels) => level,
            _ => self.absent("gauge", &named(name, labels)),
        }
    }

    /// Number and sum of the values of the histogram of this name, over all series that have at least these labels.
    ///
    /// # Panics
    /// Nothing was recorded, or it is no histogram; the message shows what there is.
    #[track_caller]
    #[must_use]
    pub fn histogram(&self, name: &str, labels: &[(&str, &str)]) -> (u64, f64) {
        let (mut all, mut any) = ((0, 0.0), false);
        for metric in self.matching(name, labels) {
            let MetricValue::Histogram { count, sum, .. } = metric.value else {
                self.absent("histogram", &named(name, labels));
            };
            all = (all.0 + count, all.1 + sum);
            any = true;
        }
        if !any {
            self.absent("histogram", &named(name, labels));
        }
        all
    }

    /// Whether anything was recorded in a metric of this name with at least these labels.
    #[must_use]
    pub fn has(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        self.matching(name, labels).next().is_some()
    }

    /// What was dropped, by reason. See [`lost`](crate::lost()).
    #[must_use]
    pub fn lost(&self) -> &[(DropReason, u64)] {
        &self.lost
    }

    fn matching(&self, name: &str, labels: &[(&str, &str)]) -> impl Iterator<Item = &Metric> {
        self.metrics
            .iter()
            .filter(move |metric| metric.is(name, labels))
    }

    #[track_caller]
    fn absent(&self, what: &str, name: &str) -> ! {
        panic!("no {what} `{name}` was reported; what was:\n{self}")
    }
}

fn named(name: &str, labels: &[(&str, &str)]) -> String {
    let labels: Vec<_> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    if labels.is_empty() {
        name.to_owned()
    } else {
        format!("{name}{{{}}}", labels.join(","))
    }
}

/// All of it.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "spans and events:\n{}", self.tree())?;
        list(f, "metrics", self.metrics())?;
        let reports = self.reports().map(|report| {
            format!(
                "{} {} {:?} in {}",
                report.level.as_str(),
                report.label,
                report.text,
                report.function
            )
        });
        list(f, "reports", reports)?;
        let logs = self.logs().map(|log| {
            let mut line = format!("{} {}: {}", log.level, log.target, log.message);
            fields(&mut line, &log.fields);
            line
        });
        list(f, "logs", logs)
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
