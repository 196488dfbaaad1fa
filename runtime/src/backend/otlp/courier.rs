//! Sending: HTTP or gRPC, with the protocol's rules of what is tried again.

use super::config::{OtlpConfig, OtlpProtocol, Route};
use crate::pipeline::grpc;
use crate::pipeline::queue::courier::{Courier, Delivery, Parcel};
use crate::pipeline::queue::{Limits, Outbox, Signal, why};
use crate::pipeline::transport::{self, Client};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use std::sync::Arc;
use std::time::Instant;

pub(super) fn start(config: &OtlpConfig, limits: Limits) -> std::io::Result<Outbox> {
    let mut ways: Vec<Way> = Vec::new();
    for route in &config.routes {
        let way = Way::of(route, &ways)?;
        ways.push(way);
    }
    let courier = Ways {
        ways,
        failure: None,
    };
    Outbox::start("otlp", limits, courier)
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
fn accepted(signal: Signal, body: &[u8]) -> Delivery {
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
        Some(refused) if refused > 0 => Delivery::Partly { refused },
        _ => Delivery::Done,
    }
}

/// How each signal is sent.
struct Ways {
    ways: Vec<Way>,
    failure: Option<String>,
}

struct Way {
    route: Route,
    transport: Transport,
}

enum Transport {
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
            let transport = Transport::Grpc(Box::new(channel));
            return Ok(Self { route, transport });
        }
        let mut add = |name: &str, value: &str| {
            route.headers.0.push((name.to_owned(), value.to_owned()));
        };
        add("content-type", "application/x-protobuf");
        if route.gzip {
            add("content-encoding", "gzip");
        }
        let shared = others.iter().find_map(|other| match &other.transport {
            Transport::Http(client) if *client.tls() == route.tls => Some(Arc::clone(client)),
            _ => None,
        });
        let client = shared.unwrap_or_else(|| Arc::new(Client::with_tls(route.tls.clone())));
        let transport = Transport::Http(client);
        Ok(Self { route, transport })
    }
}

impl Courier for Ways {
    fn deliver(&mut self, parcel: &Parcel, deadline: Instant) -> Delivery {
        let at = index(parcel.signal);
        let Way { route, transport } = &mut self.ways[at];
        // The outbox gives every signal as long as the slowest may take.
        let deadline = deadline.min(Instant::now() + route.timeout);
        let (delivery, failure) = match transport {
            Transport::Grpc(channel) => call(channel, METHODS[at], route, parcel, deadline),
            Transport::Http(client) => post(client, route, parcel, deadline),
        };
        self.failure = Some(failure);
        delivery
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}

/// What became of a parcel, and what there is to say of it where it was not all delivered.
type Told = (Delivery, String);

fn post(client: &Client, route: &Route, parcel: &Parcel, deadline: Instant) -> Told {
    let zipped = route.gzip.then(|| transport::gzip(&parcel.body));
    let body = zipped.as_deref().unwrap_or(&parcel.body);
    let headers = route.headers.0.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    match client.post(&route.url, &headers, body, deadline) {
        Ok(answer) => match answer.delivery() {
            Delivery::Done => (accepted(parcel.signal, &answer.body), PARTLY.into()),
            other => (other, answer.told()),
        },
        Err(failure) => (Delivery::Again(None), failure.0),
    }
}

fn call(
    channel: &mut grpc::Channel,
    method: &'static str,
    route: &Route,
    parcel: &Parcel,
    deadline: Instant,
) -> Told {
    use grpc::Answer;
    let (headers, body) = (&route.headers.0, &parcel.body);
    let answer = channel.call(method, headers, body, route.gzip, deadline);
    let delivery = match answer {
        Answer::Message(body) => accepted(parcel.signal, &body),
        Answer::Again(after) => Delivery::Again(after),
        Answer::TooLarge => Delivery::Refused(why::TOO_LARGE),
        Answer::Refused => Delivery::Refused(why::SEND_ERROR),
    };
    (delivery, channel.failure().unwrap_or_else(|| PARTLY.into()))
}
