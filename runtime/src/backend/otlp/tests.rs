use super::config::OtlpConfig;
use super::config::read;
use super::options::Otlp;
use super::*;
use crate::base::settings::ConfigErrors;
use crate::model::outcome::Outcome;
use crate::pipeline::{FinishedSpan, SamplingReason};
use crate::{Distribution, Sample, SampleValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

fn identity() -> Identity {
    Identity {
        service: "shop".into(),
        environment: "test".into(),
        version: Some("1.2".into()),
        attributes: vec![("team".into(), "pay".into())],
        host: "box".into(),
    }
}

fn config(options: &Otlp) -> Result<OtlpConfig, Vec<String>> {
    let mut errors = ConfigErrors::default();
    let config = read(Some(options), &mut errors);
    let errors: Vec<_> = errors.0.iter().map(ToString::to_string).collect();
    match config {
        Some(config) if errors.is_empty() => Ok(config),
        _ => Err(errors),
    }
}

/// Reads one request, and returns its head and its body.
fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut read = Vec::new();
    let mut part = [0; 65_536];
    loop {
        let len = stream.read(&mut part).ok().filter(|len| *len > 0)?;
        read.extend_from_slice(&part[..len]);
        let Some(end) = read.windows(4).position(|w| w == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length?.trim().parse().ok()?;
        if read.len() >= end + 4 + length {
            return Some((head, read[end + 4..].to_vec()));
        }
    }
}

/// Starts a collector that responds with these statuses, then with 200. Returns its URL, and the requests.
fn collector(statuses: Vec<&'static str>) -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut statuses = statuses.into_iter();
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            while let Some(got) = request(&mut stream) {
                let status = statuses.next().unwrap_or("200 OK");
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                if send.send(got).is_err() || stream.write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
        }
    });
    (url, receive)
}

fn span(id: u64, parent: u64, outcome: Outcome) -> FinishedSpan {
    crate::pipeline::example(7, id, parent, outcome, false)
}

fn trace(spans: Vec<FinishedSpan>) -> Trace {
    Trace {
        id: 7,
        kept: SamplingReason::Sampled,
        spans,
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

#[test]
fn spans_are_encoded_as_the_protocol_requires() {
    let (url, got) = collector(Vec::new());
    let config = config(&Otlp::default().endpoint(url).header("x-key", "k")).expect("valid");
    let mut consumer = OtlpConsumer::start(config, &identity()).expect("a thread");
    consumer.trace(&trace(vec![
        span(2, 1, Outcome::Error),
        span(1, 0, Outcome::Ok),
    ]));
    consumer.send_spans();
    let (head, body) = got
        .recv_timeout(Duration::from_secs(20))
        .expect("a request");
    assert!(head.starts_with("post /v1/traces http/1.1"), "{head}");
    assert!(
        head.contains("x-key: k") && head.contains("content-encoding: gzip"),
        "{head}"
    );
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&body[..])
        .read_to_end(&mut plain)
        .expect("gzip");
    let request = ExportTraceServiceRequest::decode(&plain[..]).expect("protobuf");
    let resource = request.resource_spans[0]
        .resource
        .as_ref()
        .expect("a resource");
    let keys: Vec<_> = resource.attributes.iter().map(|a| a.key.as_str()).collect();
    for key in [
        "service.name",
        "service.version",
        "team",
        "telemetry.sdk.language",
    ] {
        assert!(keys.contains(&key), "{keys:?}");
    }
    let spans = &request.resource_spans[0].scope_spans[0].spans;
    assert_eq!((spans[0].trace_id.len(), spans[0].span_id.len()), (16, 8));
    assert_eq!(spans[0].parent_span_id, spans[1].span_id);
    assert!(spans[1].parent_span_id.is_empty());
    assert_eq!(spans[0].status.as_ref().map(|s| s.code), Some(2));
    assert_eq!(spans[1].status, None);
    assert!(spans[0].attributes.iter().any(|a| a.key == "error.type"));
    assert!(consumer.queue.flush(soon()));
}

#[test]
fn retryable_responses_are_retried_and_others_are_counted() {
    let (url, _got) = collector(vec!["503 x", "200 OK", "400 x"]);
    let config = config(&Otlp::default().endpoint(url)).expect("valid");
    let mut consumer = OtlpConsumer::start(config, &identity()).expect("a thread");
    consumer.trace(&trace(vec![span(1, 0, Outcome::Ok)]));
    consumer.send_spans();
    let deadline = soon();
    while consumer.queue.stats().read_for_tests().failures == 0 {
        assert!(Instant::now() < deadline, "no failure was seen");
        std::thread::yield_now();
    }
    assert!(consumer.queue.flush(soon()));
    consumer.trace(&trace(vec![
        span(1, 0, Outcome::Ok),
        span(2, 1, Outcome::Ok),
    ]));
    consumer.send_spans();
    assert!(consumer.queue.flush(soon()));
    let health = consumer.queue.stats().read_for_tests();
    let account = &health.accounts[&Signal::Spans];
    assert_eq!(
        (account.accepted, account.delivered, account.queued),
        (3, 1, 0)
    );
    assert_eq!(account.dropped["send_error"], 2);
}

#[test]
fn histograms_keep_their_buckets() {
    let mut values = Distribution::empty(-28);
    let mut reader = metrics::Reader::new(false, SystemTime::now());
    for value in [0.0, 0.001, 0.001, 1.0, 2.5] {
        values.buckets[crate::collect::store::bucket::of(value, -28)] += 1;
        values.sum += value;
    }
    let site = crate::__site!("pay", [], { flags: 1u32 });
    let sample = Sample {
        series: crate::collect::store::series::duration(site, Outcome::Ok),
        value: SampleValue::Histogram(values),
    };
    let (metrics, points) = reader.read(vec![sample], SystemTime::now());
    assert_eq!(
        (metrics[0].name.as_str(), metrics[0].unit.as_str(), points),
        ("function.duration", "s", 1)
    );
    let Some(Data::ExponentialHistogram(histogram)) = &metrics[0].data else {
        panic!("{:?}", metrics[0].data);
    };
    let point = &histogram.data_points[0];
    assert_eq!((point.scale, point.count, point.zero_count), (2, 5, 1));
    let positive = point.positive.as_ref().expect("buckets");
    let base = 2_f64.powf(0.25);
    for value in [0.001_f64, 1.0, 2.5] {
        // OTLP: bucket i counts the values greater than base^i and less than or equal to base^(i+1).
        let index = (value.ln() / base.ln()).ceil() as i32 - 1 - positive.offset;
        assert!(positive.bucket_counts[index as usize] > 0, "{value}");
    }
    assert_eq!(
        positive.bucket_counts.iter().sum::<u64>() + point.zero_count,
        point.count
    );
}

#[test]
fn deltas_add_up_to_the_total() {
    let site = crate::__site!("pay", [], { flags: 1u32 });
    let series = crate::collect::store::series::slow(site);
    let mut reader = metrics::Reader::new(true, SystemTime::now());
    let mut total = 0;
    for count in [3, 3, 10, 11] {
        let value = SampleValue::Counter(count);
        let (metrics, _) = reader.read(vec![Sample { series, value }], SystemTime::now());
        for metric in metrics {
            let Some(Data::Sum(sum)) = metric.data else {
                panic!("{metric:?}")
            };
            assert_eq!(sum.aggregation_temporality, 1);
            for point in sum.data_points {
                use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
                let Some(Value::AsInt(more)) = point.value else {
                    panic!("{point:?}")
                };
                total += more;
            }
        }
    }
    assert_eq!(total, 11);
}

#[test]
fn r16_invalid_settings_are_reported() {
    for (options, says) in [
        (Otlp::default().endpoint("localhost:4318"), "http://"),
        (
            Otlp::default().endpoint("http://localhost:70000"),
            "http://",
        ),
        (Otlp::default().endpoint("http://localhost:0"), "http://"),
        (Otlp::default().header("x", "a\nb"), "control characters"),
    ] {
        let errors = config(&options).expect_err("a error");
        assert!(errors[0].contains(says), "{errors:?}");
    }
}

#[test]
fn an_attempt_ends_at_its_signals_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("bound"));
    let mut config = config(&Otlp::default().endpoint(url)).expect("valid");
    config.routes[0].timeout = Duration::from_millis(50);
    assert_eq!(config.max_timeout(), Duration::from_secs(10));
    let mut consumer = OtlpConsumer::start(config, &identity()).expect("a thread");
    consumer.trace(&trace(vec![span(1, 0, Outcome::Ok)]));
    let begun = Instant::now();
    consumer.send_spans();
    while consumer.queue.stats().read_for_tests().failures == 0 {
        assert!(begun.elapsed() < Duration::from_secs(9), "no end");
        std::thread::yield_now();
    }
}
