//! OTLP: sends traces, metrics and logs to an OpenTelemetry backend, over HTTP or gRPC.
//!
//! Implements the OpenTelemetry Protocol 1.9 and the specification of OTLP exporters.

mod backend;
mod config;
mod headers;
mod logs;
mod metrics;
mod options;
mod spans;
mod tls;
mod transport;
mod value;

pub(crate) use config::OtlpConfig;
pub use options::{Otlp, OtlpProtocol};

use crate::base::settings::Identity;
use crate::model::record::Record;
use crate::pipeline::queue::transport::QueuedBatch;
use crate::pipeline::queue::{AnyQueue, ExportQueue, Limits, Signal};
use crate::pipeline::{Consumer, Trace};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;
use std::time::{Duration, Instant, SystemTime};

/// The number of spans or log records in a batch. It is the default of `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`.
const BATCH: usize = 512;
/// The maximum size of the queued batches of each signal, in bytes.
const QUEUE_BYTES: usize = 4 << 20;

/// Encodes and batches data for an OpenTelemetry backend.
pub(crate) struct OtlpConsumer {
    config: OtlpConfig,
    resource: Resource,
    queue: ExportQueue,
    spans: Vec<Span>,
    logs: Vec<LogRecord>,
    metrics: metrics::Reader,
    due: Due,
}

/// When the next batches are due.
struct Due {
    spans: Instant,
    logs: Instant,
    metrics: Instant,
}

impl OtlpConsumer {
    /// Starts the export queue.
    ///
    /// # Errors
    /// If the system refuses a thread, or the endpoint cannot be used.
    pub(crate) fn start(config: OtlpConfig, identity: &Identity) -> std::io::Result<Self> {
        let limits = Limits {
            bytes: QUEUE_BYTES,
            attempt: config.max_timeout(),
            ..Limits::default()
        };
        let queue = transport::start(&config, limits)?;
        let now = Instant::now();
        Ok(Self {
            resource: value::resource(identity),
            queue,
            spans: Vec::new(),
            logs: Vec::new(),
            metrics: metrics::Reader::new(config.delta, SystemTime::now()),
            due: Due {
                spans: now + config.span_delay,
                logs: now + config.log_delay,
                metrics: now + config.metric_interval,
            },
            config,
        })
    }

    fn put(&self, signal: Signal, items: usize, message: &impl Message) {
        self.queue.put(QueuedBatch {
            signal,
            items: items as u64,
            body: message.encode_to_vec(),
            endpoint: 0,
        });
    }

    fn send_spans(&mut self) {
        if self.spans.is_empty() {
            return;
        }
        let spans = std::mem::take(&mut self.spans);
        let items = spans.len();
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: Some(self.resource.clone()),
                scope_spans: vec![ScopeSpans {
                    scope: scope(),
                    spans,
                    ..ScopeSpans::default()
                }],
                ..ResourceSpans::default()
            }],
        };
        self.put(Signal::Spans, items, &request);
    }

    fn send_logs(&mut self) {
        if self.logs.is_empty() {
            return;
        }
        let log_records = std::mem::take(&mut self.logs);
        let items = log_records.len();
        let request = ExportLogsServiceRequest {
            resource_logs: vec![ResourceLogs {
                resource: Some(self.resource.clone()),
                scope_logs: vec![ScopeLogs {
                    scope: scope(),
                    log_records,
                    ..ScopeLogs::default()
                }],
                ..ResourceLogs::default()
            }],
        };
        self.put(Signal::Logs, items, &request);
    }

    fn send_metrics(&mut self) {
        if !self.config.routes[1].is_enabled {
            return;
        }
        let (metrics, points) = self
            .metrics
            .read(crate::ops::samples::samples(), SystemTime::now());
        if metrics.is_empty() {
            return;
        }
        let request = ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics {
                resource: Some(self.resource.clone()),
                scope_metrics: vec![ScopeMetrics {
                    scope: scope(),
                    metrics,
                    ..ScopeMetrics::default()
                }],
                ..ResourceMetrics::default()
            }],
        };
        self.put(Signal::Metrics, points, &request);
    }
}

fn scope() -> Option<InstrumentationScope> {
    Some(InstrumentationScope {
        name: "instrumental".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        ..InstrumentationScope::default()
    })
}

/// Returns whether the time has been reached. If it has, moves it by one period.
fn is_due(at: &mut Instant, now: Instant, every: Duration) -> bool {
    let due = now >= *at;
    if due {
        *at = now + every;
    }
    due
}

impl Consumer for OtlpConsumer {
    fn trace(&mut self, trace: &Trace) {
        if !self.config.routes[0].is_enabled {
            return;
        }
        for span in &trace.spans {
            self.spans.push(spans::of(span));
            if self.spans.len() >= BATCH {
                self.send_spans();
            }
        }
    }

    fn record(&mut self, record: &Record) {
        if !self.config.routes[2].is_enabled {
            return;
        }
        self.logs.extend(logs::of(record));
        if self.logs.len() >= BATCH {
            self.send_logs();
        }
    }

    fn tick(&mut self, now: Instant) {
        if is_due(&mut self.due.spans, now, self.config.span_delay) {
            self.send_spans();
        }
        if is_due(&mut self.due.logs, now, self.config.log_delay) {
            self.send_logs();
        }
        if is_due(&mut self.due.metrics, now, self.config.metric_interval) {
            self.send_metrics();
        }
    }

    fn flush(&mut self) {
        self.send_spans();
        self.send_logs();
        self.send_metrics();
    }

    fn queues(&self) -> Vec<Box<dyn AnyQueue>> {
        vec![self.queue.any()]
    }
}

#[cfg(test)]
mod tests;
