//! Sending: HTTP or gRPC, with the protocol's rules of what is tried again.

use super::config::{OtlpConfig, OtlpProtocol};
use crate::net::{self, Client, Peer};
use crate::outbox::{Courier, Delivery, Limits, Outbox, Parcel, Signal, why};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use std::time::Instant;

pub(super) fn start(config: &OtlpConfig, limits: Limits) -> std::io::Result<Outbox> {
    match config.protocol {
        OtlpProtocol::HttpProtobuf => Outbox::start("otlp", limits, Http::new(config)),
        OtlpProtocol::Grpc => {
            let courier = Grpc::new(config)?;
            Outbox::start("otlp", limits, courier)
        }
    }
}

/// Said where the backend took a request and left out some of it.
const PARTLY: &str = "accepted in part";

/// Position of a signal among the endpoints.
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

struct Http {
    client: Client,
    urls: [String; 3],
    headers: Vec<(String, String)>,
    gzip: bool,
    failure: Option<String>,
}

impl Http {
    fn new(config: &OtlpConfig) -> Self {
        let mut headers = config.headers.clone();
        headers.push(("content-type".into(), "application/x-protobuf".into()));
        if config.gzip {
            headers.push(("content-encoding".into(), "gzip".into()));
        }
        Self {
            client: Client::new(Peer::Url),
            urls: config.urls.clone(),
            headers,
            gzip: config.gzip,
            failure: None,
        }
    }
}

impl Courier for Http {
    fn deliver(&mut self, parcel: &Parcel, deadline: Instant) -> Delivery {
        let zipped = self.gzip.then(|| net::gzip(&parcel.body));
        let body = zipped.as_deref().unwrap_or(&parcel.body);
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let url = &self.urls[index(parcel.signal)];
        match self.client.post(url, &headers, body, deadline) {
            Ok(answer) => match answer.delivery() {
                Delivery::Done => {
                    let delivery = accepted(parcel.signal, &answer.body);
                    self.failure = Some(PARTLY.into());
                    delivery
                }
                other => {
                    self.failure = Some(answer.told());
                    other
                }
            },
            Err(failure) => {
                self.failure = Some(failure.0);
                Delivery::Again(None)
            }
        }
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}

struct Grpc {
    channels: Vec<net::grpc::Channel>,
    headers: Vec<(String, String)>,
    gzip: bool,
    failure: Option<String>,
}

const METHODS: [&str; 3] = [
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
];

impl Grpc {
    fn new(config: &OtlpConfig) -> std::io::Result<Self> {
        let urls = config.urls.iter();
        Ok(Self {
            channels: urls
                .map(|url| net::grpc::Channel::open(url))
                .collect::<Result<_, _>>()?,
            headers: config.headers.clone(),
            gzip: config.gzip,
            failure: None,
        })
    }
}

impl Courier for Grpc {
    fn deliver(&mut self, parcel: &Parcel, deadline: Instant) -> Delivery {
        use net::grpc::Answer;
        let at = index(parcel.signal);
        let (channel, method) = (&mut self.channels[at], METHODS[at]);
        let answer = channel.call(method, &self.headers, &parcel.body, self.gzip, deadline);
        self.failure = channel.failure().or_else(|| Some(PARTLY.into()));
        match answer {
            Answer::Message(body) => accepted(parcel.signal, &body),
            Answer::Again(after) => Delivery::Again(after),
            Answer::TooLarge => Delivery::Refused(why::TOO_LARGE),
            Answer::Refused => Delivery::Refused(why::SEND_ERROR),
        }
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}
