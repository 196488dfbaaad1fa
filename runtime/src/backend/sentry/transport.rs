//! Transport of envelopes, and client reports of those that were dropped (Sentry SDK documentation, "Envelopes" and
//! "Client Reports").

use super::limits::RateLimits;
use super::options::SentryConfig;
use crate::base::sync::lock;
use crate::model::cut::cut;
use crate::pipeline::calendar;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use crate::pipeline::queue::{DeliveryStats, Dropped, Signal, why};
use crate::pipeline::transport::{self, Client, Peer, RequestError, Response};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Instant, SystemTime};

/// The endpoint of a batch whose only content is a client report.
pub(super) const REPORT_ONLY: u8 = 1;
/// The drop reason of a 429 response. The server counts these itself, so client reports leave them out.
pub(super) const REFUSED: &str = why::RATE_LIMITED;
/// The drop reason of items that are not sent because of an earlier rate limit.
pub(super) const BACKOFF: &str = "ratelimit_backoff";
/// Bytes of the largest client report (client reports 1.20.0: 4 KiB).
const MAX_REPORT: usize = 4 << 10;

/// Sends envelopes to a project.
pub(super) struct SentryTransport {
    client: Client,
    url: String,
    auth: String,
    client_reports: bool,
    shared: Arc<Shared>,
    failure: Option<String>,
}

/// The state that all transports of a backend share.
#[derive(Default)]
pub(super) struct Shared {
    limits: Mutex<RateLimits>,
    pub(super) stats: OnceLock<Arc<DeliveryStats>>,
    /// The totals that the last client report contained.
    reported: Mutex<Dropped>,
}

/// A client report in preparation.
struct ClientReport {
    /// The item of the envelope.
    item: String,
    /// The totals that are reported once the server has accepted the item.
    totals: Dropped,
}

impl SentryTransport {
    /// Creates a transport to the project of the DSN.
    pub(super) fn new(config: &SentryConfig, shared: Arc<Shared>) -> Self {
        let sdk = concat!("instrumental/", env!("CARGO_PKG_VERSION"));
        Self {
            client: Client::new(Peer::Url),
            url: config.dsn.envelope_api_url().to_string(),
            auth: config.dsn.to_auth(Some(sdk)).to_string(),
            client_reports: config.client_reports,
            shared,
            failure: None,
        }
    }

    /// Returns the report of the items that were dropped since the last one; `None` if there are none.
    fn client_report(&self, reported: &Dropped) -> Option<ClientReport> {
        let stats = self.shared.stats.get().filter(|_| self.client_reports)?;
        let totals = stats.dropped();
        let discarded = discarded(&totals, reported);
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
        let length = report.len();
        let item = format!("{{\"type\":\"client_report\",\"length\":{length}}}\n{report}\n");
        (length <= MAX_REPORT).then_some(ClientReport { item, totals })
    }

    /// Posts a batch and the client report.
    fn post(
        &mut self,
        batch: &QueuedBatch,
        report: Option<&ClientReport>,
        deadline: Instant,
    ) -> Result<Response, RequestError> {
        let body = envelope(&batch.body, report.map(|report| report.item.as_str()));
        let headers = [
            ("content-type", "application/x-sentry-envelope"),
            ("content-encoding", "gzip"),
            ("x-sentry-auth", self.auth.as_str()),
        ];
        let body = transport::gzip(&body);
        self.client.post(&self.url, &headers, &body, deadline)
    }

    /// Maps a response's status to a result, and logs why an envelope was refused.
    fn result(&self, answer: &Response) -> SendResult {
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
}

/// Returns the counts of dropped items by Sentry's reason and category: `totals` without those already `reported`.
fn discarded<'a>(totals: &Dropped, reported: &Dropped) -> BTreeMap<(&'a str, &'static str), u64> {
    let mut discarded: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (key, (batches, items)) in totals {
        let (old_batches, old_items) = reported.get(key).copied().unwrap_or_default();
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
    discarded
}

/// Returns Sentry's name of a drop reason; `None` if client reports leave it out.
fn reason(why: &str) -> Option<&str> {
    match why {
        why::QUEUE_FULL | why::TOO_LARGE => Some("queue_overflow"),
        why::INTERNAL => Some("internal_sdk_error"),
        REFUSED | why::SHUTDOWN => None,
        // The other reasons of this backend have Sentry's names already.
        other => Some(other),
    }
}

/// Returns the rate limit category of a batch.
fn category(signal: Signal) -> &'static str {
    match signal {
        Signal::Errors => "error",
        _ => "transaction",
    }
}

impl Transport for SentryTransport {
    fn send(&mut self, batch: &QueuedBatch, deadline: Instant) -> SendResult {
        let report_only = batch.endpoint == REPORT_ONLY;
        let category = if report_only {
            "internal"
        } else {
            category(batch.signal)
        };
        if !lock(&self.shared.limits).allows(category, Instant::now()) {
            self.failure = Some("rate limited".into());
            return SendResult::Refused(BACKOFF);
        }
        // The lock is held while the report is sent, so that no other transport reports the same items. If another one
        // holds it, this envelope carries no report.
        let shared = Arc::clone(&self.shared);
        let mut reported = shared.reported.try_lock().ok();
        let report = reported
            .as_deref()
            .and_then(|reported| self.client_report(reported));
        if report_only && report.is_none() {
            return SendResult::Done;
        }
        let answer = match self.post(batch, report.as_ref(), deadline) {
            Ok(answer) => answer,
            Err(failure) => {
                self.failure = Some(failure.0);
                return SendResult::Retry(None);
            }
        };
        self.failure = Some(answer.summary());
        lock(&self.shared.limits).update(&answer, Instant::now());
        if let (200..=299, Some(report), Some(reported)) = (answer.status, report, &mut reported) {
            **reported = report.totals;
        }
        self.result(&answer)
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}

/// Completes an envelope: the batch's first line is the header without its closing brace, to which the time of sending is
/// added, and the client report becomes the last item.
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
