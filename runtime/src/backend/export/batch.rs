//! What an exporter gets.

use super::{ErrorRecord, EventRecord, LogRecord, Resource, Span};
use crate::collect::store::snapshot::{Sample, Value};
use crate::pipeline::queue::Signal;
use crate::pipeline::queue::transport::Body;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Items of one signal.
///
/// ```
/// use instrumental::export::Batch;
///
/// fn describe(batch: &Batch<'_>) -> String {
///     let service = batch.resource().service();
///     format!("{} {} of {service}", batch.len(), batch.signal().as_str())
/// }
/// ```
pub struct Batch<'a> {
    pub(super) items: &'a Items,
    pub(super) signal: Signal,
    pub(super) resource: &'a Resource,
    pub(super) deadline: Instant,
}

impl Batch<'_> {
    /// Returns the signal. Business events come with [`Signal::Logs`], as OpenTelemetry has it.
    #[must_use]
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// Returns the number of items, which is at least 1.
    #[must_use]
    pub fn len(&self) -> usize {
        let items = self.items;
        items.spans.len() + items.errors.len() + items.lines() + items.metrics.len()
    }

    /// Returns `false`: an exporter gets no empty batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns when the export must have returned: 10 s after it began, or earlier if telemetry shuts down.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Returns the time left until the [`deadline`](Self::deadline), for a timeout.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Returns what the items are of: the service, its version, its environment.
    #[must_use]
    pub fn resource(&self) -> &Resource {
        self.resource
    }

    /// Returns the spans.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.items.spans
    }

    /// Returns the errors, messages, panics and slow calls.
    pub fn errors(&self) -> impl Iterator<Item = &ErrorRecord> {
        self.items.errors.iter().map(|error| &**error)
    }

    /// Returns the log records.
    #[must_use]
    pub fn logs(&self) -> &[LogRecord] {
        &self.items.logs
    }

    /// Returns the business events.
    pub fn events(&self) -> impl Iterator<Item = &EventRecord> {
        self.items.events.iter().map(|event| &**event)
    }

    /// Returns metrics, cumulative. A batch has up to 512 of the series of the process.
    #[must_use]
    pub fn metrics(&self) -> &[Sample] {
        &self.items.metrics
    }
}

impl std::fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch")
            .field("signal", &self.signal)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Items that wait to be exported.
#[derive(Default)]
pub(super) struct Items {
    pub(super) spans: Vec<Span>,
    pub(super) errors: Vec<Arc<ErrorRecord>>,
    pub(super) logs: Vec<LogRecord>,
    pub(super) events: Vec<Arc<EventRecord>>,
    pub(super) metrics: Vec<Sample>,
}

impl Items {
    /// Log records and events.
    pub(super) fn lines(&self) -> usize {
        self.logs.len() + self.events.len()
    }
}

impl Body for Items {
    fn size(&self) -> usize {
        let spans: usize = self.spans.iter().map(span_size).sum();
        let errors: usize = self.errors.iter().map(|error| error.size()).sum();
        let logs: usize = self.logs.iter().map(LogRecord::size).sum();
        let events: usize = self.events.iter().map(|event| event.size()).sum();
        let metrics: usize = self.metrics.iter().map(sample).sum();
        spans + errors + logs + events + metrics
    }

    fn shrink(&mut self) {
        self.spans.shrink_to_fit();
        self.errors.shrink_to_fit();
        self.logs.shrink_to_fit();
        self.events.shrink_to_fit();
        self.metrics.shrink_to_fit();
    }
}

/// Bytes of a span and of what happened in it, which may be in memory for its sake alone.
pub(super) fn span_size(span: &Span) -> usize {
    let events: usize = span.events.iter().map(|event| event.size()).sum();
    let report = span.report.as_ref().map_or(0, |report| report.size());
    span.size() + events + report
}

fn sample(sample: &Sample) -> usize {
    let buckets = match &sample.value {
        Value::Histogram(values) => size_of_val(&*values.buckets),
        _ => 0,
    };
    size_of::<Sample>() + buckets
}
