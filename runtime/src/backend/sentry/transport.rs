//! Sending envelopes, and telling of those that were not sent.

use super::limits::RateLimits;
use super::options::SentryConfig;
use crate::base::sync::lock;
use crate::base::text::calendar;
use crate::model::cut::cut;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use crate::pipeline::queue::{DeliveryStats, Dropped, Signal, why};
use crate::pipeline::transport::{self, Client, Peer};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Instant, SystemTime};

/// A batch that only takes a report along, where there is one.
pub(super) const REPORT_ONLY: u8 = 1;
/// The server said 429: it knows, and is not told.
pub(super) const REFUSED: &str = why::RATE_LIMITED;
/// Not sent since the server wants to be left alone.
pub(super) const BACKOFF: &str = "ratelimit_backoff";
/// Bytes of a client report (client reports 1.20.0: 4 KiB).
const MAX_REPORT: usize = 4 << 10;

pub(super) struct SentryTransport {
    client: Client,
    url: String,
    auth: String,
    reports: bool,
    shared: Arc<Shared>,
    failure: Option<String>,
}

/// What the transports share.
#[derive(Default)]
pub(super) struct Shared {
    limits: Mutex<RateLimits>,
    pub(super) stats: OnceLock<Arc<DeliveryStats>>,
    /// What Sentry was told of.
    told: Mutex<Dropped>,
}

impl SentryTransport {
    pub(super) fn new(config: &SentryConfig, shared: Arc<Shared>) -> Self {
        let sdk = concat!("instrumental/", env!("CARGO_PKG_VERSION"));
        Self {
            client: Client::new(Peer::Url),
            url: config.dsn.envelope_api_url().to_string(),
            auth: config.dsn.to_auth(Some(sdk)).to_string(),
            reports: config.client_reports,
            shared,
            failure: None,
        }
    }

    /// What was dropped that Sentry has not been told of, as an item, and what it will then know.
    fn report(&self, told: &Dropped) -> Option<(String, Dropped)> {
        let dropped = self.shared.stats.get().filter(|_| self.reports)?.dropped();
        let mut discarded: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (key, (batches, items)) in &dropped {
            let (old_batches, old_items) = told.get(key).copied().unwrap_or_default();
            let Some(reason) = reason(key.1) else {
                continue;
            };
            let mut add = |category, count: u64| {
                if count > 0 {
                    *discarded.entry((reason, category)).or_default() += count;
                }
            };
            match key.0 {
                Signal::Errors => add("error", items - old_items),
                Signal::Spans => {
                    add("transaction", batches - old_batches);
                    add("span", items - old_items);
                }
                Signal::Logs | Signal::Metrics => {}
            }
        }
        if discarded.is_empty() {
            return None;
        }
        let events: Vec<_> = discarded
            .iter()
            .map(|((reason, category), quantity)| json!({ "reason": reason, "category": category, "quantity": quantity }))
            .collect();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let timestamp = now.map_or(0.0, |now| now.as_secs_f64());
        let report = json!({ "timestamp": timestamp, "discarded_events": events }).to_string();
        (report.len() <= MAX_REPORT).then(|| {
            let item = format!(
                "{{\"type\":\"client_report\",\"length\":{}}}\n{report}\n",
                report.len()
            );
            (item, dropped)
        })
    }
}

/// Sentry's word for a reason; `None`: it is not to be told.
fn reason(why: &str) -> Option<&str> {
    match why {
        why::QUEUE_FULL | why::TOO_LARGE => Some("queue_overflow"),
        why::INTERNAL => Some("internal_sdk_error"),
        REFUSED | why::SHUTDOWN => None,
        // These are Sentry's own words.
        other => Some(other),
    }
}

/// The category by which a batch is limited.
fn category(signal: Signal) -> &'static str {
    match signal {
        Signal::Errors => "error",
        _ => "transaction",
    }
}

impl Transport for SentryTransport {
    fn send(&mut self, batch: &QueuedBatch, deadline: Instant) -> SendResult {
        let now = Instant::now();
        let report_only = batch.endpoint == REPORT_ONLY;
        let wanted = if report_only {
            "internal"
        } else {
            category(batch.signal)
        };
        if !lock(&self.shared.limits).allows(wanted, now) {
            self.failure = Some("asked to be left alone for now".into());
            return SendResult::Refused(BACKOFF);
        }
        // One transport tells at a time, so that nothing is told twice.
        let mut told = self.shared.told.try_lock().ok();
        let report = told.as_ref().and_then(|told| self.report(told));
        if report_only && report.is_none() {
            return SendResult::Done;
        }
        let body = envelope(&batch.body, report.as_ref().map(|(item, _)| item.as_str()));
        let headers = [
            ("content-type", "application/x-sentry-envelope"),
            ("content-encoding", "gzip"),
            ("x-sentry-auth", self.auth.as_str()),
        ];
        let answer = match self
            .client
            .post(&self.url, &headers, &transport::gzip(&body), deadline)
        {
            Ok(answer) => answer,
            Err(failure) => {
                self.failure = Some(failure.0);
                return SendResult::Retry(None);
            }
        };
        self.failure = Some(answer.summary());
        lock(&self.shared.limits).take(&answer, Instant::now());
        if let (200..=299, Some((_, new)), Some(told)) = (answer.status, report, &mut told) {
            **told = new;
        }
        match answer.status {
            200..=299 => SendResult::Done,
            429 => SendResult::Refused(REFUSED),
            status => {
                if let Some(stats) = self.shared.stats.get() {
                    let text = String::from_utf8_lossy(&answer.body).into_owned();
                    let text = cut(&text, 200).to_owned();
                    stats.warn_dropped(|backend| {
                        tracing::warn!(target: "instrumental", status, "{backend} refused an envelope: {text}");
                    });
                }
                SendResult::Refused(why::SEND_ERROR)
            }
        }
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}

/// The envelope as it is sent. The batch's first line is its header but for the end: the time of sending is told there.
fn envelope(body: &[u8], report: Option<&str>) -> Vec<u8> {
    let head = body
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(body.len());
    let (head, items) = body.split_at(head);
    let mut out = head.to_vec();
    let mut at = String::new();
    calendar::rfc3339(&mut at, SystemTime::now());
    out.extend_from_slice(format!(",\"sent_at\":\"{at}\"}}").as_bytes());
    out.extend_from_slice(items);
    if items.is_empty() {
        out.push(b'\n');
    }
    out.extend_from_slice(report.unwrap_or_default().as_bytes());
    out
}
