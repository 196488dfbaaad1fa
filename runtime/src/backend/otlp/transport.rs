//! Sending: HTTP or gRPC, with the protocol's rules of what is tried again.

use super::config::{OtlpConfig, OtlpProtocol, Route};
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

pub(super) fn start(config: &OtlpConfig, limits: Limits) -> std::io::Result<ExportQueue> {
    let mut ways: Vec<Way> = Vec::new();
    for route in &config.routes {
        let way = Way::of(route, &ways)?;
        ways.push(way);
    }
    let transport = Ways {
        ways,
        failure: None,
    };
    ExportQueue::start("otlp", limits, transport)
}

/// Said where the backend took a request and left out some of it.
const PARTLY: &str = "accepted in part";

/// Position of a signal among the routes.
fn index(signal: Signal) -> usize {
    match signal {
        Signal::Spans => 0,
        Signal::Metrics => 1,
        Signal::Logs | Signal::Errors => 2,
    }
}

/// What the backend says of a request it has accepted: it may have left out some.
fn accepted(signal: Signal, body: &[u8]) -> SendResult {
    let refused = match signal {
        Signal::Spans => ExportTraceServiceResponse::decode(body)
            .ok()
            .and_then(|answer| answer.partial_success)
            .map(|partial| partial.rejected_spans),
        Signal::Metrics => ExportMetricsServiceResponse::decode(body)
            .ok()
            .and_then(|answer| answer.partial_success)
            .map(|partial| partial.rejected_data_points),
        Signal::Logs | Signal::Errors => ExportLogsServiceResponse::decode(body)
            .ok()
            .and_then(|answer| answer.partial_success)
            .map(|partial| partial.rejected_log_records),
    };
    match refused.and_then(|refused| u64::try_from(refused).ok()) {
        Some(refused) if refused > 0 => SendResult::Partly { refused },
        _ => SendResult::Done,
    }
}

/// How each signal is sent.
struct Ways {
    ways: Vec<Way>,
    failure: Option<String>,
}

struct Way {
    route: Route,
    connection: Connection,
}

enum Connection {
    Grpc(Box<grpc::Channel>),
    /// Signals with the same TLS settings share a client, and so its connections.
    Http(Arc<Client>),
}

const METHODS: [&str; 3] = [
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
];

impl Way {
    /// How a signal is sent, beside others that are set up already.
    fn of(route: &Route, others: &[Self]) -> std::io::Result<Self> {
        let mut route = route.clone();
        if route.protocol == OtlpProtocol::Grpc && route.on {
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

impl Transport for Ways {
    fn send(&mut self, batch: &QueuedBatch, deadline: Instant) -> SendResult {
        let at = index(batch.signal);
        let Way { route, connection } = &mut self.ways[at];
        // The queue gives every signal as long as the slowest may take.
        let deadline = deadline.min(Instant::now() + route.timeout);
        let (delivery, failure) = match connection {
            Connection::Grpc(channel) => call(channel, METHODS[at], route, batch, deadline),
            Connection::Http(client) => post(client, route, batch, deadline),
        };
        self.failure = Some(failure);
        delivery
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}

/// What became of a batch, and what there is to say of it where it was not all delivered.
type Attempt = (SendResult, String);

fn post(client: &Client, route: &Route, batch: &QueuedBatch, deadline: Instant) -> Attempt {
    let zipped = route.gzip.then(|| transport::gzip(&batch.body));
    let body = zipped.as_deref().unwrap_or(&batch.body);
    let headers = route.headers.0.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    match client.post(&route.url, &headers, body, deadline) {
        Ok(answer) => match answer.delivery() {
            SendResult::Done => (accepted(batch.signal, &answer.body), PARTLY.into()),
            other => (other, answer.told()),
        },
        Err(failure) => (SendResult::Retry(None), failure.0),
    }
}

fn call(
    channel: &mut grpc::Channel,
    method: &'static str,
    route: &Route,
    batch: &QueuedBatch,
    deadline: Instant,
) -> Attempt {
    use grpc::Answer;
    let call = grpc::Call {
        method,
        headers: &route.headers.0,
        body: &batch.body,
        gzip: route.gzip,
    };
    let answer = channel.call(&call, deadline);
    let delivery = match answer {
        Answer::Message(body) => accepted(batch.signal, &body),
        Answer::Again(after) => SendResult::Retry(after),
        Answer::TooLarge => SendResult::Refused(why::TOO_LARGE),
        Answer::Refused => SendResult::Refused(why::SEND_ERROR),
    };
    (delivery, channel.failure().unwrap_or_else(|| PARTLY.into()))
}
