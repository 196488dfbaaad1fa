//! Transport of traces to the Agent.

use super::address::Agent;
use super::container;
use crate::collect::trace::sampling;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use crate::pipeline::queue::why;
use crate::pipeline::transport::{Answer, Client};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// Posts batches of traces to the Agent's v0.4 endpoint.
pub(super) struct TraceTransport {
    client: Client,
    url: String,
    container: Option<String>,
    /// Keys of `rate_by_service` in the Agent's answers, most specific first. `None` if the program sets the sample
    /// rate, so that the Agent's rates are ignored.
    rate_keys: Option<[String; 2]>,
    agent_rate: AgentRate,
    failure: Option<String>,
}

impl TraceTransport {
    pub(super) fn new(
        agent: &Agent,
        rate_keys: Option<[String; 2]>,
        agent_rate: AgentRate,
    ) -> Self {
        Self {
            client: Client::new(agent.peer.clone()),
            url: format!("{}/v0.4/traces", agent.base),
            container: container::id(),
            rate_keys,
            agent_rate,
            failure: None,
        }
    }

    /// Applies the sample rate in an answer of the Agent, unless the program sets one.
    fn apply_rates(&self, body: &[u8]) {
        let Some(keys) = &self.rate_keys else { return };
        if let Some(rate) = rate(body, keys) {
            sampling::set_rate(rate);
            self.agent_rate.set(rate);
        }
    }
}

/// Returns the rate of the first key that the Agent's answer contains.
pub(super) fn rate(body: &[u8], keys: &[String]) -> Option<f64> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let rates = answer.get("rate_by_service")?;
    let rate = keys.iter().find_map(|key| rates.get(key)?.as_f64());
    rate.filter(crate::base::settings::is_rate)
}

/// The sample rate that the Agent chose. Clones share the value.
#[derive(Clone)]
pub(super) struct AgentRate(Arc<AtomicU64>);

impl Default for AgentRate {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(f64::NAN.to_bits())))
    }
}

impl AgentRate {
    /// Stores the rate of the Agent's latest answer.
    pub(super) fn set(&self, rate: f64) {
        self.0.store(rate.to_bits(), Relaxed);
    }

    /// Returns the rate; `None` before the first answer with one.
    pub(super) fn get(&self) -> Option<f64> {
        Some(f64::from_bits(self.0.load(Relaxed))).filter(crate::base::settings::is_rate)
    }
}

/// Returns the number of traces in a body: the length of the MessagePack array that encloses them.
fn trace_count(body: &[u8]) -> u32 {
    match body {
        [0xdd, a, b, c, d, ..] => u32::from_be_bytes([*a, *b, *c, *d]),
        _ => 0,
    }
}

impl Transport for TraceTransport {
    fn send(&mut self, batch: &QueuedBatch, deadline: Instant) -> SendResult {
        let count = trace_count(&batch.body).to_string();
        let mut headers = vec![
            ("content-type", "application/msgpack"),
            ("datadog-meta-lang", "rust"),
            ("datadog-meta-tracer-version", env!("CARGO_PKG_VERSION")),
            ("x-datadog-trace-count", count.as_str()),
        ];
        if let Some(container) = &self.container {
            headers.push(("datadog-container-id", container));
        }
        match self.client.post(&self.url, &headers, &batch.body, deadline) {
            Ok(answer) => {
                self.failure = Some(answer.told());
                self.handle(&answer)
            }
            Err(failure) => {
                self.failure = Some(failure.0);
                SendResult::Retry(None)
            }
        }
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}

impl TraceTransport {
    /// Maps the answer's status to a result, and applies the rates of a successful one.
    fn handle(&self, answer: &Answer) -> SendResult {
        match answer.status {
            200..=299 => {
                self.apply_rates(&answer.body);
                SendResult::Done
            }
            // The Agent is overloaded: it may accept the batch later.
            429 | 500..=599 => SendResult::Retry(answer.retry_after()),
            413 => SendResult::Refused(why::TOO_LARGE),
            _ => SendResult::Refused(why::SEND_ERROR),
        }
    }
}
