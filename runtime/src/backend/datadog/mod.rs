//! Datadog: metrics over DogStatsD, traces to the Agent.

mod address;
mod checks;
mod container;
mod courier;
mod msgpack;
mod options;
mod spans;
mod statsd;
mod tags;
mod transport;

pub use checks::{CheckStatus, service_check};
pub use options::Datadog;
pub(crate) use options::DatadogConfig;

use crate::base::settings::{Faults, Identity};
use crate::model::record::Record;
use crate::pipeline::queue::courier::Parcel;
use crate::pipeline::queue::{AnyOutbox, Limits, Outbox, Signal};
use crate::pipeline::{Backend, Config, Consumer, Endpoints, Environment, Started, Trace};
use address::Statsd as Address;
use courier::{AgentRate, TraceCourier};
use msgpack::Writer;
use std::time::{Duration, Instant};
use transport::StatsdCourier;

/// Bytes of traces and of metrics that may wait.
const QUEUE_BYTES: usize = 4 << 20;
const METRIC_BYTES: usize = 2 << 20;
/// How long traces are gathered, and how many bytes of them (the Agent takes 10 MB or more).
const GATHER: Duration = Duration::from_secs(1);
const BATCH_BYTES: usize = 1 << 20;

impl Backend for DatadogConfig {
    const NAME: &'static str = "datadog";
    const QUEUES: &'static [&'static str] = &["datadog", "dogstatsd"];

    fn configure(environment: Environment<'_>, errors: &mut Faults) -> Option<Self> {
        let sampling = &environment.config.sampling;
        let rate = sampling.is_given.then_some(sampling.rate);
        options::read(environment.given.get(), rate, errors)
    }

    fn endpoints(&self) -> Endpoints {
        let traces = self.agent.iter().map(|agent| ("traces", agent.address()));
        let metrics = self
            .statsd
            .iter()
            .map(|statsd| ("metrics", statsd.address()));
        traces.chain(metrics).collect()
    }

    fn start(self, config: &Config) -> std::io::Result<Started> {
        DatadogConsumer::start(&self, &config.identity).map(Started::consumer)
    }
}

/// Sends to a Datadog Agent.
pub(crate) struct DatadogConsumer {
    traces: Option<Traces>,
    metrics: Option<Metrics>,
}

struct Traces {
    outbox: Outbox,
    constant: spans::Constant,
    gathered: Writer,
    count: u32,
    spans: u64,
    due: Instant,
}

struct Metrics {
    outbox: Outbox,
    statsd: statsd::Statsd,
    interval: Duration,
    due: Instant,
}

impl DatadogConsumer {
    /// Starts the threads that send.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(config: &DatadogConfig, identity: &Identity) -> std::io::Result<Self> {
        let now = Instant::now();
        let traces = match &config.agent {
            None => None,
            Some(agent) => {
                let limits = Limits {
                    bytes: QUEUE_BYTES,
                    attempt: Duration::from_secs(5),
                    ..Limits::default()
                };
                let keys = config.rate.is_none().then(|| rate_keys(identity));
                let rate = AgentRate::default();
                let courier = TraceCourier::new(agent, keys, rate.clone());
                Some(Traces {
                    outbox: Outbox::start("datadog", limits, courier)?,
                    constant: spans::Constant::new(identity, config.rate, rate),
                    gathered: Writer::default(),
                    count: 0,
                    spans: 0,
                    due: now + GATHER,
                })
            }
        };
        let metrics = match &config.statsd {
            None => None,
            Some(address) => Some(Metrics::start(address, config, identity)?),
        };
        Ok(Self { traces, metrics })
    }
}

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
        let courier = StatsdCourier::new(address.clone());
        Ok(Self {
            outbox: Outbox::start("dogstatsd", limits, courier)?,
            statsd: statsd::Statsd::new(&tags::constant(identity), container::origin(), limit),
            interval: config.interval,
            due: Instant::now() + config.interval,
        })
    }

    fn flush(&mut self) {
        self.statsd
            .flush(&crate::ops::samples::samples(), &self.outbox);
    }
}

impl Traces {
    fn add(&mut self, trace: &Trace) {
        spans::write(&mut self.gathered, trace, &self.constant);
        self.count += 1;
        self.spans += trace.spans.len() as u64;
        if self.gathered.0.len() >= BATCH_BYTES {
            self.send();
        }
    }

    fn send(&mut self) {
        if self.count == 0 {
            return;
        }
        let traces = std::mem::take(&mut self.gathered).0;
        let mut body = Vec::with_capacity(traces.len() + 5);
        // An array of 32 bits of length, whatever its length: the courier reads it again.
        body.push(0xdd);
        body.extend_from_slice(&self.count.to_be_bytes());
        body.extend_from_slice(&traces);
        self.outbox.put(Parcel {
            signal: Signal::Spans,
            items: self.spans,
            body,
            mark: 0,
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
            traces.due = now + GATHER;
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

    fn outboxes(&self) -> Vec<Box<dyn AnyOutbox>> {
        let traces = self.traces.iter().map(|traces| traces.outbox.any());
        let metrics = self.metrics.iter().map(|metrics| metrics.outbox.any());
        traces.chain(metrics).collect()
    }
}

#[cfg(all(test, unix))]
mod tests;
#[cfg(all(test, unix))]
mod wire_tests;
