//! The result of a capture.

use super::items::{Event, Item, Log, Report, Span};
use super::metric::{Metric, MetricValue};
use super::recording::Recording;
use super::show::{self, fields, list};
use crate::model::drop_reason::DropReason;
use std::fmt;

/// Everything that was reported during a capture, in order. [`capture`](super::capture) returns it.
///
/// Its [`Display`](std::fmt::Display) shows all of it.
///
/// ```
/// use instrumental::testing;
///
/// #[instrumental::traced]
/// fn release() {}
///
/// # fn main() {
/// let ((), seen) = testing::capture(release);
/// assert_eq!(seen.spans().count(), 1);
/// assert_eq!(seen.histogram("function.duration", &[("function", "release")]).0, 1);
/// println!("{seen}");
/// # }
/// ```
pub struct Seen {
    items: Vec<Item>,
    metrics: Vec<Metric>,
    lost: Vec<(DropReason, u64)>,
}

impl Seen {
    pub(super) fn new(recording: Recording) -> Self {
        let metrics = recording.metrics.iter();
        Self {
            metrics: metrics
                .map(|(series, value)| value.metric(series))
                .collect(),
            items: recording.items,
            lost: recording.lost,
        }
    }

    /// Returns the spans as a tree, one per line, with the business events in them.
    ///
    /// Durations and ids are left out, so that equal runs have equal trees.
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

    /// Returns the spans, in the order in which they began.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        self.items.iter().filter_map(|item| match item {
            Item::Span(span) => Some(span),
            _ => None,
        })
    }

    /// Returns the first span with this name.
    ///
    /// # Panics
    /// Panics if there is none. The message shows everything that was captured.
    #[track_caller]
    #[must_use]
    pub fn span(&self, name: &str) -> &Span {
        match self.spans().find(|span| span.name == name) {
            Some(span) => span,
            None => self.panic_missing("span", name),
        }
    }

    /// Returns the business events.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.items.iter().filter_map(|item| match item {
            Item::Event(event) => Some(event),
            _ => None,
        })
    }

    /// Returns the first business event with this name.
    ///
    /// # Panics
    /// Panics if there is none. The message shows everything that was captured.
    #[track_caller]
    #[must_use]
    pub fn event(&self, name: &str) -> &Event {
        match self.events().find(|event| event.name == name) {
            Some(event) => event,
            None => self.panic_missing("event", name),
        }
    }

    /// Returns the reports: errors, messages and slow calls.
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        self.items.iter().filter_map(|item| match item {
            Item::Report(report) => Some(report),
            _ => None,
        })
    }

    /// Returns the first report with this label (variant or type of the error) or this text.
    ///
    /// # Panics
    /// Panics if there is none. The message shows everything that was captured.
    #[track_caller]
    #[must_use]
    pub fn report(&self, label: &str) -> &Report {
        let matches = |report: &&Report| report.label == label || report.text == label;
        match self.reports().find(matches) {
            Some(report) => report,
            None => self.panic_missing("report", label),
        }
    }

    /// Returns the log lines of `tracing`, at every level.
    pub fn logs(&self) -> impl Iterator<Item = &Log> {
        self.items.iter().filter_map(|item| match item {
            Item::Log(log) => Some(log),
            _ => None,
        })
    }

    /// Returns the first log line with this message.
    ///
    /// # Panics
    /// Panics if there is none. The message shows everything that was captured.
    #[track_caller]
    #[must_use]
    pub fn log(&self, message: &str) -> &Log {
        match self.logs().find(|log| log.message == message) {
            Some(log) => log,
            None => self.panic_missing("log line", message),
        }
    }

    /// Returns every series that has a value, including those of annotated functions: `function.duration`,
    /// `function.errors`, `function.in_flight` and `function.slow`.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// Returns the count of a counter, over all series that have at least these labels.
    ///
    /// # Panics
    /// Panics if there is no such series, or if one is not a counter. The message shows everything that was captured.
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
            _ => self.panic_missing("counter", &series_name(name, labels)),
        }
    }

    /// Returns the level of a gauge: the sum over all series that have at least these labels.
    ///
    /// # Panics
    /// Panics if there is no such series, or if one is not a gauge. The message shows everything that was captured.
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
            _ => self.panic_missing("gauge", &series_name(name, labels)),
        }
    }

    /// Returns the number and the sum of a histogram's values, over all series that have at least these labels.
    ///
    /// # Panics
    /// Panics if there is no such series, or if one is not a histogram. The message shows everything that was captured.
    #[track_caller]
    #[must_use]
    pub fn histogram(&self, name: &str, labels: &[(&str, &str)]) -> (u64, f64) {
        let (mut total_count, mut total) = (0, 0.0);
        let mut any = false;
        for metric in self.matching(name, labels) {
            let MetricValue::Histogram { count, sum, .. } = metric.value else {
                self.panic_missing("histogram", &series_name(name, labels));
            };
            total_count += count;
            total += sum;
            any = true;
        }
        if !any {
            self.panic_missing("histogram", &series_name(name, labels));
        }
        (total_count, total)
    }

    /// Returns whether a metric with this name has a series with at least these labels.
    #[must_use]
    pub fn has(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        self.matching(name, labels).next().is_some()
    }

    /// Returns the number of dropped records by reason. See [`lost`](crate::lost()).
    #[must_use]
    pub fn lost(&self) -> &[(DropReason, u64)] {
        &self.lost
    }

    fn matching(&self, name: &str, labels: &[(&str, &str)]) -> impl Iterator<Item = &Metric> {
        self.metrics
            .iter()
            .filter(move |metric| metric.matches(name, labels))
    }

    #[track_caller]
    fn panic_missing(&self, what: &str, name: &str) -> ! {
        panic!("no {what} `{name}` was captured; the capture has:\n{self}")
    }
}

/// Formats the name and labels of a series for a panic message.
fn series_name(name: &str, labels: &[(&str, &str)]) -> String {
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

impl fmt::Display for Seen {
    /// Formats everything that was captured.
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
