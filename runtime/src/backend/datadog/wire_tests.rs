//! Tests of the exact bytes on the wire.

use super::agent::rate;
use super::fixtures::{identity, series, soon, trace, unused_path};
use super::options::read;
use super::*;
use crate::base::settings::ConfigErrors;
use crate::collect::store::bucket;
use crate::pipeline::queue::transport::{SendResult, Transport};
use crate::pipeline::transport::sockets::SocketPath;
use crate::{CheckStatus, Distribution, MetricKind, Sample, SampleValue};
use std::io::Read;
use std::net::UdpSocket;
use std::os::unix::net::{UnixDatagram, UnixListener};

fn socket_path(path: &std::path::Path) -> SocketPath {
    let path = path.to_str().and_then(SocketPath::new);
    path.expect("an absolute path")
}

const TAIL: &str = "|#env:test,user:bob_c_forged.revenue:999999_g__env:prod_x";
const NAME: &str = "shop_c_forged.revenue_999999_g";

/// Sends samples, and returns the lines of their series, without service checks and client telemetry.
fn lines(samples: &[Sample]) -> Vec<String> {
    let server = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = server.local_addr().expect("bound").port();
    let transport = StatsdTransport::new(Address::Udp("127.0.0.1".into(), port));
    let queue = ExportQueue::start("wire-test", Limits::default(), transport).expect("a thread");
    let mut statsd = statsd::Statsd::new(&["env:test".into()], String::new(), 1432);
    statsd.flush(samples, &queue);
    assert!(queue.flush(soon()));
    server.set_nonblocking(true).expect("set");
    let (mut text, mut datagram) = (String::new(), [0; 65_536]);
    while let Ok(len) = server.recv(&mut datagram) {
        text.push_str(std::str::from_utf8(&datagram[..len]).expect("text"));
    }
    assert!(text.is_empty() || text.ends_with('\n'));
    let ours = text.lines().filter(|line| line.starts_with(NAME));
    ours.map(str::to_owned).collect()
}

fn sample(kind: MetricKind, value: SampleValue) -> Sample {
    let series = series(kind);
    Sample { series, value }
}

/// The expected lines are those that `datadogpy` 0.56 writes: `op.count:1|c|#a:b,c`, `g:1.5|g`, `dd:0.25|d|#x:y`.
#[test]
fn d01_lines_are_those_of_datadogs_own_client() {
    let mut one = Distribution::empty(-28);
    one.buckets[bucket::of(0.25, -28)] = 1;
    one.sum = 0.25;
    let mut four = Distribution::empty(-28);
    four.buckets[bucket::of(2.0, -28)] = 4;
    four.sum = 8.0;
    for (kind, value, expected) in [
        (MetricKind::Counter, SampleValue::Counter(1), ":1|c"),
        (MetricKind::Gauge, SampleValue::Gauge(1.5), ":1.5|g"),
        (
            MetricKind::Histogram,
            SampleValue::Histogram(one),
            ":0.25|d",
        ),
        (
            MetricKind::Histogram,
            SampleValue::Histogram(four),
            ":2|d|@0.25",
        ),
    ] {
        let seen = lines(&[sample(kind, value)]);
        assert_eq!(seen, [format!("{NAME}{expected}{TAIL}")]);
    }
}

#[test]
fn d03_an_overflowed_sum_is_not_sent_and_a_non_finite_gauge_is_counted() {
    let lost = || {
        let lost = crate::lost().into_iter();
        let counts = lost.filter(|(reason, _)| *reason == crate::LostReason::NotFinite);
        counts.map(|(_, count)| count).sum::<u64>()
    };
    let before = lost();
    for sum in [f64::INFINITY, f64::NAN, f64::NEG_INFINITY, 0.0] {
        let mut values = Distribution::empty(-28);
        values.buckets[bucket::of(f64::MAX, -28)] = 2;
        values.sum = sum;
        let seen = lines(&[
            sample(MetricKind::Histogram, SampleValue::Histogram(values)),
            sample(MetricKind::Gauge, SampleValue::Gauge(sum / 0.0)),
        ]);
        assert_eq!(seen.len(), 1, "{seen:?}");
        let value = seen[0][NAME.len() + 1..].split('|').next();
        let value: f64 = value.and_then(|v| v.parse().ok()).expect("a number");
        assert!(value.is_finite() && value > 0.0, "{seen:?}");
        assert!(seen[0].contains("|@0.5"), "{seen:?}");
    }
    assert!(lost() >= before + 4);
}

#[test]
fn x17_a_service_check_is_one_line_that_ends_with_its_message() {
    crate::service_check(
        "db|up\n_sc|x",
        CheckStatus::Critical,
        "down\nm: x|#env:prod",
    );
    let check = checks::take().into_iter().find(|check| {
        let line = check.line("env:test");
        line.starts_with("_sc|db_up__sc_x|2|d:")
    });
    let line = check.expect("the check").line("env:test");
    assert!(
        line.ends_with("|#env:test|m:down\\nm\\: x/#env:prod"),
        "{line}"
    );
    assert_eq!(line.matches('|').count(), 5, "{line}");
}

#[test]
fn d06_the_rate_of_this_service_precedes_the_default() {
    let keys = rate_keys(&identity());
    for (answer, expected) in [
        (
            r#"{"rate_by_service":{"service:,env:":0.5,"service:shop,env:test":0.1}}"#,
            Some(0.1),
        ),
        (r#"{"rate_by_service":{"service:,env:":0.5}}"#, Some(0.5)),
        (r#"{"rate_by_service":{"service:,env:":7}}"#, None),
        (
            r#"{"rate_by_service":{"service:shop,env:other":0.5}}"#,
            None,
        ),
        ("OK\n", None),
        ("", None),
    ] {
        assert_eq!(rate(answer.as_bytes(), &keys), expected, "{answer}");
    }
}

#[test]
fn d06_the_decision_maker_is_reported_with_the_rate() {
    let decision = |rate: Option<f64>, agent: Option<f64>| {
        let agent_rate = AgentRate::default();
        agent.into_iter().for_each(|rate| agent_rate.set(rate));
        let mut out = Writer::default();
        let process = spans::Process::new(&identity(), rate, agent_rate);
        spans::write(&mut out, &trace(), &process);
        let decoded = rmpv::decode::read_value(&mut &out.0[..]).expect("MessagePack");
        let first = decoded[0].clone();
        let (meta, metrics) = (&first["meta"], &first["metrics"]);
        (
            meta["_dd.p.dm"].as_str().expect("a mechanism").to_owned(),
            metrics["_dd.rule_psr"].as_f64(),
            metrics["_dd.agent_psr"].as_f64(),
        )
    };
    assert_eq!(decision(None, None), ("-0".into(), None, None));
    assert_eq!(decision(None, Some(0.2)), ("-1".into(), None, Some(0.2)));
    assert_eq!(
        decision(Some(0.3), Some(0.2)),
        ("-3".into(), Some(0.3), None)
    );
}

fn batch(body: Vec<u8>) -> QueuedBatch {
    QueuedBatch {
        signal: Signal::Metrics,
        items: 1,
        body,
        endpoint: 0,
    }
}

#[test]
fn d05_a_new_agent_at_the_path_receives_data_although_the_old_one_still_accepts_it() {
    let path = unused_path("inode");
    let mut transport = StatsdTransport::new(Address::Unix(socket_path(&path)));
    let old = UnixDatagram::bind(&path).expect("a socket");
    assert_eq!(
        transport.send(&batch(b"a:1|c".to_vec()), soon()),
        SendResult::Done
    );
    std::fs::remove_file(&path).expect("removed");
    let new = UnixDatagram::bind(&path).expect("a socket");
    assert_eq!(
        transport.send(&batch(b"b:1|c".to_vec()), soon()),
        SendResult::Done
    );
    for (server, expected) in [(old, b"a:1|c"), (new, b"b:1|c")] {
        server.set_nonblocking(true).expect("set");
        let mut datagram = [0; 100];
        let len = server.recv(&mut datagram).expect("a datagram");
        assert_eq!(&datagram[..len], expected);
        assert!(server.recv(&mut datagram).is_err());
    }
    std::fs::remove_file(&path).expect("removed");
}

#[test]
fn d05_a_partially_written_frame_ends_its_connection() {
    let path = unused_path("torn");
    let listener = UnixListener::bind(&path).expect("a socket");
    let mut transport = StatsdTransport::new(Address::UnixStream(socket_path(&path)));
    // The server does not read and the frame exceeds the socket's buffer, so the write times out half-way.
    let large = vec![b'x'; 32 << 20];
    let partial = transport.send(&batch(large), soon());
    assert_eq!(partial, SendResult::Retry(None));
    let small = transport.send(&batch(b"a:1|c".to_vec()), soon());
    assert_eq!(small, SendResult::Done);
    drop(transport);
    let connection = || {
        let mut bytes = Vec::new();
        let (mut stream, _) = listener.accept().expect("a client");
        stream.read_to_end(&mut bytes).expect("an end");
        bytes
    };
    let first = connection();
    assert!(first.len() > 4 && first.len() < 32 << 20, "{}", first.len());
    assert_eq!(connection(), b"\x05\0\0\0a:1|c");
    std::fs::remove_file(&path).expect("removed");
}

#[test]
fn r16_every_invalid_address_is_reported() {
    let mut errors = ConfigErrors::default();
    let bad = Datadog::default().agent("agent:8126").statsd("tcp://x");
    assert!(read(Some(&bad), None, &mut errors).is_none());
    assert_eq!(errors.0.len(), 2);
}

#[test]
fn f66_an_expected_error_does_not_mark_its_span_as_failed() {
    for (status, error) in [(404, 0), (422, 0), (500, 1), (429, 1)] {
        let trace = Trace {
            id: 7,
            kept: crate::pipeline::SamplingReason::Sampled,
            spans: vec![crate::pipeline::example_of_error(status)],
        };
        let mut out = Writer::default();
        let process = spans::Process::new(&identity(), None, AgentRate::default());
        spans::write(&mut out, &trace, &process);
        let decoded = rmpv::decode::read_value(&mut &out.0[..]).expect("MessagePack");
        let field = |name: &str| {
            let map = decoded[0].as_map().expect("a map").iter();
            let mut found = map.filter(|(key, _)| key.as_str() == Some(name));
            found
                .next()
                .map(|(_, value)| value.clone())
                .expect("a field")
        };
        assert_eq!(field("error").as_u64(), Some(error), "{status}");
        let meta = field("meta");
        let has_type = meta.as_map().expect("a map").iter();
        let has_type = has_type
            .into_iter()
            .any(|(key, _)| key.as_str() == Some("error.type"));
        assert_eq!(has_type, error == 1, "{status}");
    }
}
