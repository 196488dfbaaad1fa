//! Sending traces to the Agent.

use super::address::Agent;
use super::container;
use crate::net::Client;
use crate::outbox::{Courier, Delivery, Parcel, why};
use crate::trace::sampling;
use std::time::Instant;

pub(super) struct TraceCourier {
    client: Client,
    url: String,
    container: Option<String>,
    /// Keys of the Agent's rates: this service's in this environment, and everybody's.
    rate_keys: Option<[String; 2]>,
}

impl TraceCourier {
    pub(super) fn new(agent: &Agent, rate_keys: Option<[String; 2]>) -> Self {
        Self {
            client: Client::new(agent.peer.clone()),
            url: format!("{}/v0.4/traces", agent.base),
            container: container::id(),
            rate_keys,
        }
    }

    /// The Agent says which part of the traces it wants, where nobody here did.
    fn apply_rates(&self, body: &[u8]) {
        let Some(keys) = &self.rate_keys else { return };
        let Ok(answer) = serde_json::from_slice::<serde_json::Value>(body) else {
            return;
        };
        let Some(rates) = answer.get("rate_by_service") else {
            return;
        };
        let rate = keys.iter().find_map(|key| rates.get(key)?.as_f64());
        if let Some(rate) = rate.filter(crate::settings::is_rate) {
            sampling::set_rate(rate);
        }
    }
}

/// The number of traces: what the array at the beginning says.
fn count(body: &[u8]) -> u32 {
    match body {
        [0xdd, a, b, c, d, ..] => u32::from_be_bytes([*a, *b, *c, *d]),
        _ => 0,
    }
}

impl Courier for TraceCourier {
    fn deliver(&mut self, parcel: &Parcel, deadline: Instant) -> Delivery {
        let count = count(&parcel.body).to_string();
        let mut headers = vec![
            ("content-type", "application/msgpack"),
            ("datadog-meta-lang", "rust"),
            ("datadog-meta-tracer-version", env!("CARGO_PKG_VERSION")),
            ("x-datadog-trace-count", count.as_str()),
        ];
        if let Some(container) = &self.container {
            headers.push(("datadog-container-id", container));
        }
        match self
            .client
            .post(&self.url, &headers, &parcel.body, deadline)
        {
            Ok(answer) => match answer.status {
                200..=299 => {
                    self.apply_rates(&answer.body);
                    Delivery::Done
                }
                // The Agent is there and busy.
                429 | 500..=599 => Delivery::Again(answer.retry_after()),
                413 => Delivery::Refused(why::TOO_LARGE),
                _ => Delivery::Refused(why::SEND_ERROR),
            },
            Err(_) => Delivery::Again(None),
        }
    }
}
