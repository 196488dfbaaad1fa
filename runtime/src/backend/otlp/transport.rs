//! The transport: sends batches over HTTP or gRPC, and decides by the protocol's rules which ones are retried.

use super::config::{OtlpConfig, Route};
use super::options::OtlpProtocol;
use crate::pipeline::grpc;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use crate::pipeline::queue::{ExportQueue, Limits, Signal, why};
use crate::pipeline::transport::{self, Client};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use std::sync::Arc;
use std::time::Instant;

/// Starts the export queue.
///
/// # Errors
/// If the system refuses a thread, or an endpoint cannot be used.
pub(super) fn start(config: &OtlpConfig, limits: Limits) -> std::io::Result<ExportQueue> {
    let mut senders: Vec<Sender> = Vec::new();
    for route in &config.routes {
        let sender = Sender::new(route, &senders)?;
        senders.push(sender);
    }
    let transport = OtlpTransport {
        senders,
        failure: None,
    };
    ExportQueue::start("otlp", limits, transport)
}

/// The failure of a request that the backend accepted in part.
const PARTIAL_SUCCESS: &str = "accepted in part";

/// Returns the index of a signal among the routes.
fn index(signal: Signal) -> usize {
    match signal {
        Signal::Spans => 0,
        Signal::Metrics => 1,
        Signal::Logs | Signal::Errors => 2,
    }
}

/// Decodes the response to an accepted request, which may report that the backend rejected some items.
fn decode_response(signal: Signal, body: &[u8]) -> SendResult {
    let refused = match signal {
        Signal::Spans => ExportTraceServiceResponse::decode(body)
            .ok()
            .and_then(|response| response.partial_success)
            .map(|partial| partial.rejected_spans),
        Signal::Metrics => ExportMetricsServiceResponse::decode(body)
            .ok()
            .and_then(|response| response.partial_success)
            .map(|partial| partial.rejected_data_points),
        Signal::Logs | Signal::Errors => ExportLogsServiceResponse::decode(body)
            .ok()
            .and_then(|response| response.partial_success)
            .map(|partial| partial.rejected_log_records),
    };
    match refused.and_then(|refused| u64::try_from(refused).ok()) {
        Some(refused) if refused > 0 => SendResult::Partly { refused },
        _ => SendResult::Done,
    }
}

/// The transport of all signals.
struct OtlpTransport {
    senders: Vec<Sender>,
    failure: Option<String>,
}

/// The route and the connection of one signal.
struct Sender {
    route: Route,
    connection: Connection,
}

enum Connection {
    Grpc(Box<grpc::Channel>),
    /// Signals with the same TLS settings share a client and its connections.
    Http(Arc<Client>),
}

const METHODS: [&str; 3] = [
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
];

impl Sender {
    /// Creates the sender of a signal. It may share the client of another one.
    fn new(route: &Route, others: &[Self]) -> std::io::Result<Self> {
        let mut route = route.clone();
        if route.protocol == OtlpProtocol::Grpc && route.is_enabled {
            let channel = grpc::Channel::open(&route.url, route.tls.clone())?;
            let connection = Connection::Grpc(Box::new(channel));
            return Ok(Self { route, connection });
        }
        let mut add = |name: &str, value: &str| {
            route.headers.0.push((name.to_owned(), value.to_owned()));
        };
        add("content-type", "application/x-protobuf");
        if route.gzip {
            add("content-encoding", "gzip");
        }
        let shared = others.iter().find_map(|other| match &other.connection {
            Connection::Http(client) if *client.tls() == route.tls => Some(Arc::clone(client)),
            _ => None,
        });
        let client = shared.unwrap_or_else(|| Arc::new(Client::with_tls(route.tls.clone())));
        let connection = Connection::Http(client);
        Ok(Self { route, connection })
    }
}

impl Transport for OtlpTransport {
    fn send(&mut self, batch: &QueuedBatch, deadline: Instant) -> SendResult {
        let at = index(batch.signal);
        let Sender { route, connection } = &mut self.senders[at];
        // The queue's deadline is that of the signal with the longest timeout.
        let deadline = deadline.min(Instant::now() + route.timeout);
        let (result, failure) = match connection {
            Connection::Grpc(channel) => call(channel, METHODS[at], route, batch, deadline),
            Connection::Http(client) => post(client, route, batch, deadline),
        };
        self.failure = Some(failure);
        result
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}

/// The result of an attempt, and its failure, which is ignored after a success.
type Attempt = (SendResult, String);

fn post(client: &Client, route: &Route, batch: &QueuedBatch, deadline: Instant) -> Attempt {
    let compressed = route.gzip.then(|| transport::gzip(&batch.body));
    let body = compressed.as_deref().unwrap_or(&batch.body);
    let headers = route.headers.0.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    match client.post(&route.url, &headers, body, deadline) {
        Ok(response) => match response.send_result() {
            SendResult::Done => {
                let result = decode_response(batch.signal, &response.body);
                (result, PARTIAL_SUCCESS.into())
            }
            other => (other, response.summary()),
        },
        Err(error) => (SendResult::Retry(None), error.0),
    }
}

fn call(
    channel: &mut grpc::Channel,
    method: &'static str,
    route: &Route,
    batch: &QueuedBatch,
    deadline: Instant,
) -> Attempt {
    use grpc::CallResult;
    let call = grpc::Call {
        method,
        headers: &route.headers.0,
        body: &batch.body,
        gzip: route.gzip,
    };
    let result = match channel.call(&call, deadline) {
        CallResult::Message(body) => decode_response(batch.signal, &body),
        CallResult::Retry(after) => SendResult::Retry(after),
        CallResult::TooLarge => SendResult::Refused(why::TOO_LARGE),
        CallResult::Refused => SendResult::Refused(why::SEND_ERROR),
    };
    let failure = channel.failure();
    (result, failure.unwrap_or_else(|| PARTIAL_SUCCESS.into()))
}
