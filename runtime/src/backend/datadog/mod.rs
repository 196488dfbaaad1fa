//! The Datadog backend: traces to the Agent, metrics to DogStatsD.

mod address;
mod agent;
mod backend;
mod checks;
mod container;
mod msgpack;
mod options;
mod spans;
mod statsd;
mod tags;
mod transport;

pub use checks::{CheckStatus, service_check};
pub use options::Datadog;
pub(crate) use options::DatadogConfig;

use crate::base::settings::Identity;
use crate::model::record::Record;
use crate::pipeline::queue::transport::QueuedBatch;
use crate::pipeline::queue::{AnyQueue, ExportQueue, Limits, Signal};
use crate::pipeline::{Consumer, Trace};
use address::{Agent, Statsd as Address};
use agent::{AgentRate, TraceTransport};
use msgpack::Writer;
use std::time::{Duration, Instant};
use transport::StatsdTransport;

/// The capacity of the queue of traces, in bytes.
const QUEUE_BYTES: usize = 4 << 20;
/// The capacity of the queue of metrics, in bytes.
const METRIC_BYTES: usize = 2 << 20;
/// The longest time that a trace waits in a batch.
const BATCH_INTERVAL: Duration = Duration::from_secs(1);
/// Bytes after which a batch of traces is queued; the Agent accepts 10 MB or more.
const BATCH_BYTES: usize = 1 << 20;

/// Sends traces and metrics to a Datadog Agent.
pub(crate) struct DatadogConsumer {
    traces: Option<Traces>,
    metrics: Option<Metrics>,
}

/// The batch of traces in preparation, and its queue.
struct Traces {
    queue: ExportQueue,
    process: spans::Process,
    buffer: Writer,
    count: u32,
    spans: u64,
    due: Instant,
}

/// The DogStatsD client and its queue.
struct Metrics {
    queue: ExportQueue,
    statsd: statsd::Statsd,
    interval: Duration,
    due: Instant,
}

impl DatadogConsumer {
    /// Starts the sending threads.
    ///
    /// # Errors
    /// Returns an error if the system cannot create a thread.
    pub(crate) fn start(config: &DatadogConfig, identity: &Identity) -> std::io::Result<Self> {
        let traces = match &config.agent {
            None => None,
            Some(agent) => Some(Traces::start(agent, config, identity)?),
        };
        let metrics = match &config.statsd {
            None => None,
            Some(address) => Some(Metrics::start(address, config, identity)?),
        };
        Ok(Self { traces, metrics })
    }
}

/// Returns the keys of this process in the Agent's `rate_by_service`: its service and environment, then the default.
fn rate_keys(identity: &Identity) -> [String; 2] {
    [
        format!("service:{},env:{}", identity.service, identity.environment),
        "service:,env:".to_owned(),
    ]
}

impl Metrics {
    fn start(
        address: &Address,
        config: &DatadogConfig,
        identity: &Identity,
    ) -> std::io::Result<Self> {
        let limits = Limits {
            bytes: METRIC_BYTES,
            attempt: Duration::from_secs(1),
            ..Limits::default()
        };
        let limit = match address {
            Address::Udp(..) => transport::UDP_LIMIT,
            _ => transport::UNIX_LIMIT,
        };
        let transport = StatsdTransport::new(address.clone());
        Ok(Self {
            queue: ExportQueue::start("dogstatsd", limits, transport)?,
            statsd: statsd::Statsd::new(&tags::constant(identity), container::origin(), limit),
            interval: config.interval,
            due: Instant::now() + config.interval,
        })
    }

    fn flush(&mut self) {
        self.statsd
            .flush(&crate::ops::samples::samples(), &self.queue);
    }
}

impl Traces {
    fn start(agent: &Agent, config: &DatadogConfig, identity: &Identity) -> std::io::Result<Self> {
        let limits = Limits {
            bytes: QUEUE_BYTES,
            attempt: Duration::from_secs(5),
            ..Limits::default()
        };
        let keys = config.rate.is_none().then(|| rate_keys(identity));
        let rate = AgentRate::default();
        let transport = TraceTransport::new(agent, keys, rate.clone());
        Ok(Self {
            queue: ExportQueue::start("datadog", limits, transport)?,
            process: spans::Process::new(identity, config.rate, rate),
            buffer: Writer::default(),
            count: 0,
            spans: 0,
            due: Instant::now() + BATCH_INTERVAL,
        })
    }

    /// Adds a trace to the batch, and queues the batch if it is large enough.
    fn add(&mut self, trace: &Trace) {
        spans::write(&mut self.buffer, trace, &self.process);
        self.count += 1;
        self.spans += trace.spans.len() as u64;
        if self.buffer.0.len() >= BATCH_BYTES {
            self.send();
        }
    }

    /// Queues the batch.
    fn send(&mut self) {
        if self.count == 0 {
            return;
        }
        let traces = std::mem::take(&mut self.buffer).0;
        let mut body = Vec::with_capacity(traces.len() + 5);
        // Always an array with a 32-bit length, from which the transport reads the number of traces.
        body.push(0xdd);
        body.extend_from_slice(&self.count.to_be_bytes());
        body.extend_from_slice(&traces);
        self.queue.put(QueuedBatch {
            signal: Signal::Spans,
            items: self.spans,
            body,
            endpoint: 0,
        });
        (self.count, self.spans) = (0, 0);
    }
}

impl Consumer for DatadogConsumer {
    fn trace(&mut self, trace: &Trace) {
        if let Some(traces) = &mut self.traces {
            traces.add(trace);
        }
    }

    fn record(&mut self, _: &Record) {}

    fn tick(&mut self, now: Instant) {
        if let Some(traces) = &mut self.traces
            && now >= traces.due
        {
            traces.due = now + BATCH_INTERVAL;
            traces.send();
        }
        if let Some(metrics) = &mut self.metrics
            && now >= metrics.due
        {
            metrics.due = now + metrics.interval;
            metrics.flush();
        }
    }

    fn flush(&mut self) {
        if let Some(traces) = &mut self.traces {
            traces.send();
        }
        if let Some(metrics) = &mut self.metrics {
            metrics.flush();
        }
    }

    fn queues(&self) -> Vec<Box<dyn AnyQueue>> {
        let traces = self.traces.iter().map(|traces| traces.queue.any());
        let metrics = self.metrics.iter().map(|metrics| metrics.queue.any());
        traces.chain(metrics).collect()
    }
}

#[cfg(all(test, unix))]
mod fixtures;
#[cfg(all(test, unix))]
mod statsd_tests;
#[cfg(all(test, unix))]
mod trace_tests;
#[cfg(all(test, unix))]
mod wire_tests;
