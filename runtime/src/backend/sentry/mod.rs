//! The Sentry backend: errors, messages and panics as events, traces as transactions. It uses the types of the `sentry`
//! crate, but the queues and transports of this crate.

mod backend;
mod event;
mod limits;
mod logged;
mod options;
mod sdk;
mod split;
mod stack;
mod transaction;
mod transport;
mod trim;

pub use options::Sentry;
pub(crate) use options::SentryConfig;

use crate::collect::trace::ids;
use crate::model::record::{Record, Report, ReportKind};
use crate::pipeline::queue::transport::QueuedBatch;
use crate::pipeline::queue::{AnyQueue, ExportQueue, Limits, Signal};
use crate::pipeline::{Consumer, FinishedSpan, Trace};
use logged::Logged;
use sentry::protocol::Event;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use transport::{REPORT_ONLY, SentryTransport};

/// The capacity of the queue for each signal, in bytes.
const QUEUE_BYTES: usize = 4 << 20;
/// Envelopes that are sent concurrently. An envelope contains one event, so that a single connection would limit the rate
/// to one event per round trip.
const TRANSPORTS: usize = 4;
/// The interval of client reports that no other envelope carries.
const REPORT_INTERVAL: Duration = Duration::from_secs(30);
/// Bytes of the largest item (Sentry SDK documentation, "Envelopes": 1 MiB).
const MAX_ITEM: usize = 1 << 20;
/// Traces of which spans wait for their root.
const MAX_PARTS: usize = 256;
/// Bytes of the spans that wait for their root.
const MAX_PART_BYTES: usize = 4 << 20;

/// Sends errors and traces to Sentry.
pub(crate) struct SentryConsumer {
    config: SentryConfig,
    queue: ExportQueue,
    logged: Logged,
    /// Spans that were exported before their root ended, by trace.
    parts: HashMap<u128, Vec<FinishedSpan>>,
    part_bytes: usize,
    report_due: Instant,
}

impl SentryConsumer {
    /// Starts the sending threads.
    ///
    /// # Errors
    /// Returns an error if the system cannot create a thread.
    pub(crate) fn start(config: SentryConfig) -> std::io::Result<Self> {
        let limits = Limits {
            bytes: QUEUE_BYTES,
            attempt: Duration::from_secs(5),
            ..Limits::default()
        };
        crate::collect::report::captured::enable();
        let shared = Arc::new(transport::Shared::default());
        let transports =
            (0..TRANSPORTS).map(|_| SentryTransport::new(&config, Arc::clone(&shared)));
        let queue = ExportQueue::start_many("sentry", limits, transports.collect())?;
        let _ = shared.stats.set(Arc::clone(queue.stats()));
        Ok(Self {
            config,
            queue,
            logged: Logged::default(),
            parts: HashMap::new(),
            part_bytes: 0,
            report_due: Instant::now() + REPORT_INTERVAL,
        })
    }

    /// Sends a report, unless the settings ignore it.
    fn report(&mut self, report: &Report) {
        if report.kind == ReportKind::Slow {
            return;
        }
        self.logged.captured(report, Instant::now());
        if self.is_ignored(report.label, report.type_name, &report.text) {
            return self.drop_event("ignored");
        }
        let event = event::of_report(report, &self.config);
        self.send(event, report.place.trace);
    }

    fn is_ignored(&self, label: &str, type_name: &str, text: &str) -> bool {
        let options = &self.config.options;
        options
            .ignored_types
            .iter()
            .any(|ty| ty == label || ty == type_name)
            || options
                .ignored_messages
                .iter()
                .any(|part| text.contains(part.as_str()))
    }

    fn drop_event(&self, why: &'static str) {
        self.queue.stats().drop_unqueued(Signal::Errors, why, 1);
    }

    /// Applies the hooks and sampling to an event, and queues it. The order is that of Sentry's SDK specification.
    fn send(&mut self, mut event: Event<'static>, trace: u128) {
        let crumbs = self.logged.crumbs(trace);
        event.breadcrumbs.values.extend(crumbs);
        event
            .breadcrumbs
            .values
            .sort_by_key(|crumb| crumb.timestamp);
        if let Some(hook) = self.config.options.before_breadcrumb.clone() {
            let crumbs = std::mem::take(&mut event.breadcrumbs.values).into_iter();
            event.breadcrumbs.values = crumbs
                .filter_map(|crumb| guarded("before_breadcrumb", || hook(crumb)).flatten())
                .collect();
        }
        if let Some(hook) = self.config.options.before_send.clone() {
            match guarded("before_send", || hook(event)).flatten() {
                Some(kept) => event = kept,
                None => return self.drop_event("before_send"),
            }
        }
        let random = (ids::span() >> 11) as f64 / (1_u64 << 53) as f64;
        if random >= self.config.error_sample_rate {
            return self.drop_event("sample_rate");
        }
        // A hook may have added data that exceeds the limits.
        trim::event(&mut event);
        let mut head = self.head(&event.event_id.simple().to_string(), trace, true, None);
        match serde_json::to_vec(&event) {
            Ok(item) if item.len() <= MAX_ITEM => {
                push_item(&mut head, "event", &item);
                self.put(Signal::Errors, 1, head);
            }
            _ => self.drop_event("internal_error"),
        }
    }

    /// Returns the header of an envelope without its closing brace: the transport adds the time of sending.
    fn head(
        &self,
        event_id: &str,
        trace: u128,
        sampled: bool,
        context: Option<&[(String, String)]>,
    ) -> Vec<u8> {
        let mut head = Map::new();
        head.insert("event_id".into(), event_id.into());
        head.insert(
            "sdk".into(),
            json!({ "name": "sentry.rust.instrumental", "version": env!("CARGO_PKG_VERSION") }),
        );
        if trace != 0 {
            head.insert(
                "trace".into(),
                self.sampling_context(trace, sampled, context),
            );
        }
        let mut text = Value::Object(head).to_string();
        text.pop();
        text.push('\n');
        text.into_bytes()
    }

    /// Returns the dynamic sampling context: the one that came with the trace, or a new one.
    fn sampling_context(
        &self,
        trace: u128,
        sampled: bool,
        received: Option<&[(String, String)]>,
    ) -> Value {
        if let Some(received) = received.filter(|pairs| !pairs.is_empty()) {
            let pairs = received
                .iter()
                .map(|(key, value)| (key.clone(), Value::from(value.as_str())));
            return Value::Object(pairs.collect());
        }
        json!({
            "trace_id": format!("{trace:032x}"),
            "public_key": self.config.dsn.public_key(),
            "release": self.config.release,
            "environment": self.config.identity.environment,
            "sample_rate": self.config.traces_sample_rate.to_string(),
            "sampled": sampled.to_string(),
        })
    }

    fn put(&self, signal: Signal, items: u64, body: Vec<u8>) {
        self.queue.put(QueuedBatch {
            signal,
            items,
            body,
            endpoint: 0,
        });
    }

    /// Queues the transaction of a local root and the spans below it.
    fn transaction(&mut self, root: &FinishedSpan, others: &[&FinishedSpan]) {
        let left_out = others.len().saturating_sub(transaction::MAX_SPANS) as u64;
        let transaction = transaction::of(root, others, &self.config);
        let received = root
            .incoming
            .as_ref()
            .map(|incoming| incoming.sentry.as_slice());
        let mut body = self.head(
            &transaction.event_id.simple().to_string(),
            root.trace,
            true,
            received,
        );
        let items = transaction.spans.len() as u64 + 1;
        let stats = self.queue.stats();
        stats.drop_unqueued(Signal::Spans, "buffer_overflow", left_out);
        match serde_json::to_vec(&transaction) {
            Ok(item) if item.len() <= MAX_ITEM => {
                push_item(&mut body, "transaction", &item);
                self.put(Signal::Spans, items, body);
            }
            _ => stats.drop_unqueued(Signal::Spans, "internal_error", items),
        }
    }

    /// Keeps the spans of a trace until their root ends. Discards all waiting spans if there are too many.
    fn keep_part(&mut self, trace: &Trace) {
        let stats = self.queue.stats();
        let is_new = !self.parts.contains_key(&trace.id);
        if self.parts.len() >= MAX_PARTS && is_new || self.part_bytes >= MAX_PART_BYTES {
            let discarded: usize = self.parts.drain().map(|(_, spans)| spans.len()).sum();
            self.part_bytes = 0;
            stats.drop_unqueued(Signal::Spans, "buffer_overflow", discarded as u64);
        }
        let parts = self.parts.entry(trace.id).or_default();
        let room = transaction::MAX_SPANS.saturating_sub(parts.len());
        for span in trace.spans.iter().take(room) {
            let span = span.without_notes();
            self.part_bytes += span.size();
            parts.push(span);
        }
        let left_out = trace.spans.len().saturating_sub(room) as u64;
        stats.drop_unqueued(Signal::Spans, "buffer_overflow", left_out);
    }

    /// Queues an envelope that carries nothing but a client report.
    fn send_client_report(&mut self) {
        self.queue.put(QueuedBatch {
            signal: Signal::Errors,
            items: 0,
            body: self.head(&format!("{:032x}", ids::trace()), 0, false, None),
            endpoint: REPORT_ONLY,
        });
    }
}

/// Appends an item to an envelope.
fn push_item(body: &mut Vec<u8>, kind: &str, item: &[u8]) {
    body.extend_from_slice(
        format!("{{\"type\":\"{kind}\",\"length\":{}}}\n", item.len()).as_bytes(),
    );
    body.extend_from_slice(item);
    body.push(b'\n');
}

/// Runs a user's hook; `None` if it panics, in which case a warning is logged.
fn guarded<R>(name: &'static str, hook: impl FnOnce() -> R) -> Option<R> {
    let result = catch_unwind(AssertUnwindSafe(hook));
    if result.is_err() {
        crate::base::internal_thread::log_internal(|| {
            tracing::warn!(target: "instrumental", "the hook {name} panicked; the value passed to it is dropped");
        });
    }
    result.ok()
}

impl Consumer for SentryConsumer {
    fn trace(&mut self, trace: &Trace) {
        self.logged.discard_captured(&trace.spans);
        if !trace.spans.iter().any(FinishedSpan::is_root) {
            return self.keep_part(trace);
        }
        let earlier = self.parts.remove(&trace.id).unwrap_or_default();
        self.part_bytes -= earlier.iter().map(FinishedSpan::size).sum::<usize>();
        for (root, others) in split::by_root(earlier.iter().chain(&trace.spans)) {
            self.transaction(root, &others);
        }
    }

    fn record(&mut self, record: &Record) {
        match record {
            Record::Report(report) => self.report(report),
            Record::Log(log) => self.logged.log(log, &self.config, Instant::now()),
            Record::Event(_) | Record::Incoming(..) => {}
        }
    }

    fn tick(&mut self, now: Instant) {
        for (event, trace, text) in self.logged.due(now) {
            if self.is_ignored("", "", &text) {
                self.drop_event("ignored");
            } else {
                self.send(event, trace);
            }
        }
        if now >= self.report_due {
            self.report_due = now + REPORT_INTERVAL;
            self.send_client_report();
        }
    }

    fn flush(&mut self) {
        self.tick(Instant::now() + logged::WAIT);
    }

    fn close(&mut self) {
        self.send_client_report();
    }

    fn queues(&self) -> Vec<Box<dyn AnyQueue>> {
        vec![self.queue.any()]
    }
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod test_server;
#[cfg(test)]
mod tests;
