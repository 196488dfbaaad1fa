//! Gathers items for an exporter, and runs it.

use super::Resource;
use super::batch::{self, Batch, Items};
use super::error::{ExportError, Kind};
use crate::model::record::Record;
use crate::ops::samples::samples;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use crate::pipeline::queue::{AnyQueue, ExportQueue, Limits, Signal, why};
use crate::pipeline::{Consumer, Trace};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Sends batches to a backend, on a thread of its own.
///
/// See the [module](crate::export) for an example.
pub trait Exporter: Send {
    /// Exports a batch, and returns by its [deadline](Batch::deadline). Until then no other batch of this exporter is
    /// exported; up to 1 MiB of each signal wait, and of more the oldest are dropped as `queue_full`.
    ///
    /// An exporter that panics loses this batch, which is counted as `internal_error`, and gets the next. What it reports
    /// itself is not recorded.
    ///
    /// # Errors
    /// The backend did not take the batch, or not all of it: the [`ExportError`] says what becomes of it.
    fn export(&mut self, batch: &Batch<'_>) -> Result<(), ExportError>;

    /// How often metrics are exported; every 60 s unless this says otherwise.
    fn metric_interval(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// Called after the last batch, on the same thread; returns by `deadline`.
    fn shutdown(&mut self, _deadline: Instant) {}
}

/// Bytes each signal may have waiting.
const QUEUE_BYTES: usize = 1 << 20;
/// Items of a batch, as OpenTelemetry's batch processors have it, and bytes of one.
const BATCH: usize = 512;
const BATCH_BYTES: usize = 512 << 10;
/// How long items are gathered.
const GATHER: Duration = Duration::from_secs(1);

/// Gathers items, by signal.
pub(super) struct Gathering {
    queue: ExportQueue<Items>,
    spans: Gathered,
    errors: Gathered,
    lines: Gathered,
    metrics_due: Instant,
    metric_interval: Duration,
}

#[derive(Default)]
struct Gathered {
    items: Items,
    count: usize,
    bytes: usize,
    since: Option<Instant>,
}

impl Gathered {
    fn add(&mut self, size: usize, now: Instant) -> bool {
        self.count += 1;
        self.bytes += size;
        self.since.get_or_insert(now);
        self.count >= BATCH || self.bytes >= BATCH_BYTES
    }

    fn is_due(&self, now: Instant) -> bool {
        self.since
            .is_some_and(|since| now.saturating_duration_since(since) >= GATHER)
    }
}

impl Gathering {
    /// Starts the exporter's thread.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(super) fn start(
        name: &'static str,
        exporter: Box<dyn Exporter>,
        resource: Resource,
    ) -> io::Result<Self> {
        let metric_interval = exporter.metric_interval().max(Duration::from_millis(100));
        let limits = Limits {
            bytes: QUEUE_BYTES,
            ..Limits::default()
        };
        let transport = Running {
            exporter,
            resource,
            failure: None,
        };
        Ok(Self {
            queue: ExportQueue::start(name, limits, transport)?,
            spans: Gathered::default(),
            errors: Gathered::default(),
            lines: Gathered::default(),
            metrics_due: Instant::now() + metric_interval,
            metric_interval,
        })
    }

    fn put(&self, signal: Signal, items: Items, count: usize) {
        if count > 0 {
            self.queue.put(QueuedBatch {
                signal,
                items: count as u64,
                body: items,
                endpoint: 0,
            });
        }
    }

    fn send_spans(&mut self) {
        let gathered = std::mem::take(&mut self.spans);
        self.put(Signal::Spans, gathered.items, gathered.count);
    }

    fn send_errors(&mut self) {
        let gathered = std::mem::take(&mut self.errors);
        self.put(Signal::Errors, gathered.items, gathered.count);
    }

    fn send_lines(&mut self) {
        let gathered = std::mem::take(&mut self.lines);
        self.put(Signal::Logs, gathered.items, gathered.count);
    }

    fn send_metrics(&self) {
        let mut left = samples();
        while !left.is_empty() {
            let rest = left.split_off(left.len().min(BATCH));
            let metrics = std::mem::replace(&mut left, rest);
            let count = metrics.len();
            let items = Items {
                metrics,
                ..Items::default()
            };
            self.put(Signal::Metrics, items, count);
        }
    }
}

impl Consumer for Gathering {
    fn trace(&mut self, trace: &Trace) {
        let now = Instant::now();
        for span in &trace.spans {
            let span = span.clone();
            let size = batch::span_size(&span);
            self.spans.items.spans.push(span);
            if self.spans.add(size, now) {
                self.send_spans();
            }
        }
    }

    fn record(&mut self, record: &Record) {
        let now = Instant::now();
        match record {
            Record::Report(report) => {
                self.errors.items.errors.push(Arc::clone(report));
                if self.errors.add(report.size(), now) {
                    self.send_errors();
                }
                return;
            }
            Record::Log(log) => self.lines.items.logs.push(log.clone()),
            Record::Event(event) => self.lines.items.events.push(Arc::clone(event)),
            Record::Incoming(..) => return,
        }
        if self.lines.add(record.size(), now) {
            self.send_lines();
        }
    }

    fn tick(&mut self, now: Instant) {
        if self.spans.is_due(now) {
            self.send_spans();
        }
        if self.errors.is_due(now) {
            self.send_errors();
        }
        if self.lines.is_due(now) {
            self.send_lines();
        }
        if now >= self.metrics_due {
            self.metrics_due = now + self.metric_interval;
            self.send_metrics();
        }
    }

    fn flush(&mut self) {
        self.send_spans();
        self.send_errors();
        self.send_lines();
        self.send_metrics();
    }

    fn queues(&self) -> Vec<Box<dyn AnyQueue>> {
        vec![self.queue.any()]
    }
}

/// Runs an exporter.
struct Running {
    exporter: Box<dyn Exporter>,
    resource: Resource,
    failure: Option<String>,
}

impl Transport<Items> for Running {
    fn send(&mut self, batch: &QueuedBatch<Items>, deadline: Instant) -> SendResult {
        let batch = Batch {
            items: &batch.body,
            signal: batch.signal,
            resource: &self.resource,
            deadline,
        };
        // In place before it runs: a panic leaves it.
        self.failure = Some("the exporter panicked".into());
        let Err(error) = self.exporter.export(&batch) else {
            self.failure = None;
            return SendResult::Done;
        };
        self.failure = Some(error.message);
        match error.kind {
            Kind::Retry(asked) => SendResult::Retry(asked),
            Kind::Rejected => SendResult::Refused(why::SEND_ERROR),
            Kind::PartlyRejected(refused) => SendResult::Partly { refused },
        }
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }

    fn close(&mut self, deadline: Instant) {
        self.exporter.shutdown(deadline);
    }
}
