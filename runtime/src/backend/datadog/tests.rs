use super::*;
use crate::base::settings::ConfigErrors;
use crate::collect::store::bucket;
use crate::model::outcome::Outcome;
use crate::model::site::{Family, Owner, Series};
use crate::pipeline::SamplingReason;
use crate::pipeline::transport::sockets::SocketPath;
use crate::{Distribution, MetricKind, Sample, SampleValue};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::PathBuf;
use std::sync::OnceLock;

static FAMILY: Family = Family::new(crate::model::family::FamilySpec {
    name: "shop|c\nforged.revenue:999999|g",
    help: "",
    kind: MetricKind::Counter,
    unit: "",
    unit_word: "",
    floor: -28,
    labels: &[crate::model::label::LabelSpec {
        name: "user",
        cardinality: 0,
        counted: 1,
        dynamic: true,
        value: |_| "",
    }],
    budget: 10,
    owner: "",
    file: "",
    line: 0,
    module: "",
});

const HOSTILE: &str = "bob|c\nforged.revenue:999999|g|#env:prod,x";

pub(super) fn series(kind: MetricKind) -> &'static Series {
    Box::leak(Box::new(Series {
        slot: u32::MAX,
        kind,
        floor: -28,
        owner: Owner::Family(&FAMILY, vec![HOSTILE.into()]),
        index: u32::MAX,
        foreign: OnceLock::new(),
    }))
}

/// A line, read as strictly as the protocol is written: name, values, type, weight, tags.
fn parse(line: &str) -> (String, Vec<f64>, String, f64, Vec<String>) {
    let mut parts = line.split('|');
    let (name, values) = parts
        .next()
        .and_then(|part| part.split_once(':'))
        .expect("a name");
    assert!(
        name.starts_with(|c: char| c.is_ascii_alphabetic()),
        "{line}"
    );
    assert!(
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.".contains(c)),
        "{line}"
    );
    let values = values
        .split(':')
        .map(|value| value.parse().expect("a number"))
        .collect::<Vec<f64>>();
    assert!(values.iter().all(|value| value.is_finite()), "{line}");
    let kind = parts.next().expect("a type").to_owned();
    assert!(["c", "g", "d"].contains(&kind.as_str()), "{line}");
    let (mut weight, mut tags) = (1.0, Vec::new());
    for part in parts {
        match part.split_at(1) {
            ("@", rate) => weight = 1.0 / rate.parse::<f64>().expect("a rate"),
            ("#", all) => tags = all.split(',').map(str::to_owned).collect(),
            ("c", _) => {}
            _ => panic!("{part} in {line}"),
        }
    }
    assert!(
        !tags.is_empty() && tags.iter().all(|tag| !tag.is_empty()),
        "{line}"
    );
    (name.to_owned(), values, kind, weight, tags)
}

pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// A server of datagrams, a queue that sends there, and what is sent.
fn over_udp() -> (UdpSocket, ExportQueue) {
    let server = UdpSocket::bind("127.0.0.1:0").expect("a port");
    server
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("set");
    let port = server.local_addr().expect("bound").port();
    let address = Address::Udp("127.0.0.1".into(), port);
    let queue = ExportQueue::start("udp-test", Limits::default(), StatsdTransport::new(address));
    (server, queue.expect("a thread"))
}

fn received(server: &UdpSocket, queue: &ExportQueue, datagrams: usize) -> Vec<String> {
    assert!(queue.flush(soon()));
    let mut lines = Vec::new();
    for _ in 0..datagrams {
        let mut datagram = [0; 65_536];
        let len = server.recv(&mut datagram).expect("a datagram");
        assert!(len <= transport::UDP_LIMIT, "{len}");
        let text = std::str::from_utf8(&datagram[..len]).expect("text");
        lines.extend(text.lines().map(str::to_owned));
    }
    lines
}

fn sent(queue: &ExportQueue) -> usize {
    let health = queue.stats().read_for_tests();
    health
        .accounts
        .get(&Signal::Metrics)
        .map_or(0, |account| account.accepted as usize)
}

#[test]
fn d01_x17_counters_are_exact_over_flushes_and_nothing_is_forged() {
    let (server, queue) = over_udp();
    let mut statsd = statsd::Statsd::new(&["env:test".into()], String::new(), transport::UDP_LIMIT);
    let counter = series(MetricKind::Counter);
    let mut total = 0.0;
    server.set_nonblocking(true).expect("set");
    let counts = [
        0_u64,
        1,
        1,
        7,
        1000,
        1000,
        5000,
        u64::from(u32::MAX),
        1 << 40,
        1 << 41,
    ];
    for count in counts {
        let value = SampleValue::Counter(count);
        statsd.flush(
            &[Sample {
                series: counter,
                value,
            }],
            &queue,
        );
        assert!(queue.flush(soon()));
        let mut datagram = [0; 65_536];
        while let Ok(len) = server.recv(&mut datagram) {
            for line in std::str::from_utf8(&datagram[..len]).expect("text").lines() {
                let (name, values, kind, _, tags) = parse(line);
                if !name.starts_with("datadog.") {
                    assert_eq!(
                        (name.as_str(), kind.as_str()),
                        ("shop_c_forged.revenue_999999_g", "c")
                    );
                    assert_eq!(
                        tags,
                        ["env:test", "user:bob_c_forged.revenue:999999_g__env:prod_x"]
                    );
                    total += values.iter().sum::<f64>();
                }
            }
        }
        assert_eq!(total, count as f64);
    }
    assert!(sent(&queue) > 0);
}

#[test]
fn a_distribution_has_its_count_and_its_sum_and_few_lines() {
    let (server, queue) = over_udp();
    let mut statsd = statsd::Statsd::new(&["env:test".into()], String::new(), transport::UDP_LIMIT);
    let mut values = Distribution::empty(-28);
    for n in 1..=100_000_u32 {
        let value = f64::from(n) / 1000.0;
        values.buckets[bucket::of(value, -28)] += 1;
        values.sum += value;
    }
    let (count, sum) = (values.count() as f64, values.sum);
    let value = SampleValue::Histogram(values);
    statsd.flush(
        &[Sample {
            series: series(MetricKind::Histogram),
            value,
        }],
        &queue,
    );
    assert!(queue.flush(soon()));
    server.set_nonblocking(true).expect("set");
    let (mut counted, mut summed, mut lines) = (0.0, 0.0, 0);
    let mut datagram = [0; 65_536];
    while let Ok(len) = server.recv(&mut datagram) {
        assert!(len <= transport::UDP_LIMIT);
        for line in std::str::from_utf8(&datagram[..len]).expect("text").lines() {
            let (_, values, kind, weight, _) = parse(line);
            assert_eq!(kind, "d");
            counted += weight * values.len() as f64;
            summed += weight * values.iter().sum::<f64>();
            lines += 1;
        }
    }
    assert!((counted - count).abs() < 1e-6 * count, "{counted}");
    assert!((summed / sum - 1.0).abs() < 1e-6, "{summed} of {sum}");
    assert!(lines <= 159, "{lines}");
}

#[test]
fn d03_what_is_no_number_is_not_sent() {
    let (server, queue) = over_udp();
    let mut statsd = statsd::Statsd::new(&["env:test".into()], String::new(), transport::UDP_LIMIT);
    let gauge = |level| Sample {
        series: series(MetricKind::Gauge),
        value: SampleValue::Gauge(level),
    };
    let levels = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        f64::MIN_POSITIVE / 2.0,
        f64::MAX,
        -1.5,
    ];
    statsd.flush(&levels.map(gauge), &queue);
    let lines = received(&server, &queue, 1);
    let seen: Vec<f64> = lines.iter().map(|line| parse(line).1[0]).collect();
    assert_eq!(seen, [-0.0, f64::MIN_POSITIVE / 2.0, f64::MAX, -1.5]);
}

fn socket_path(name: &str) -> PathBuf {
    let path =
        std::env::temp_dir().join(format!("instrumental-{name}-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn d05_a_socket_that_comes_late_goes_and_changes_its_kind() {
    let path = socket_path("dsd");
    let limits = Limits {
        pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(20),
        ..Limits::default()
    };
    let transport = StatsdTransport::new(Address::Unix(
        SocketPath::new(path.to_str().expect("text")).expect("absolute"),
    ));
    let queue = ExportQueue::start("uds-test", limits, transport).expect("a thread");
    let put = |text: &str| {
        queue.put(QueuedBatch {
            signal: Signal::Metrics,
            items: 1,
            body: text.as_bytes().to_vec(),
            endpoint: 0,
        });
    };
    let receive = |server: &UnixDatagram, expected: &str| {
        server
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("set");
        let mut datagram = [0; 100];
        let len = server.recv(&mut datagram).expect("a datagram");
        assert_eq!(&datagram[..len], expected.as_bytes());
    };
    put("absent:1|c");
    let first = UnixDatagram::bind(&path).expect("a socket");
    receive(&first, "absent:1|c");
    // The Agent is restarted: another inode.
    drop(first);
    std::fs::remove_file(&path).expect("removed");
    let second = UnixDatagram::bind(&path).expect("a socket");
    put("restarted:1|c");
    receive(&second, "restarted:1|c");
    drop(second);
    std::fs::remove_file(&path).expect("removed");
    let stream = UnixListener::bind(&path).expect("a socket");
    put("streamed:1|c");
    let (mut stream, _) = stream.accept().expect("a client");
    let mut frame = [0; 16];
    stream.read_exact(&mut frame).expect("a frame");
    assert_eq!(
        (&frame[..4], &frame[4..]),
        (&12_u32.to_le_bytes()[..], &b"streamed:1|c"[..])
    );
    std::fs::remove_file(&path).expect("removed");
}

pub(super) fn trace() -> Trace {
    let id = 0xabcd_0000_0000_0000_0000_0000_0000_0007;
    let span = |span, parent, outcome| crate::pipeline::example(id, span, parent, outcome, false);
    Trace {
        id,
        kept: SamplingReason::Sampled,
        spans: vec![span(2, 1, Outcome::Error), span(1, 0, Outcome::Ok)],
    }
}

pub(super) fn identity() -> Identity {
    Identity {
        service: "shop".into(),
        environment: "test".into(),
        version: None,
        attributes: Vec::new(),
        host: String::new(),
    }
}

#[test]
fn d06_traces_decode_and_the_agents_rate_is_taken() {
    let mut out = Writer::default();
    spans::write(
        &mut out,
        &trace(),
        &spans::Constant::new(&identity(), None, AgentRate::default()),
    );
    let decoded = rmpv::decode::read_value(&mut &out.0[..]).expect("MessagePack");
    let spans = decoded.as_array().expect("an array");
    let field = |span: &rmpv::Value, name: &str| -> rmpv::Value {
        let map = span.as_map().expect("a map");
        let found = map.iter().find(|(key, _)| key.as_str() == Some(name));
        found.map(|(_, value)| value.clone()).expect("a field")
    };
    let meta = |span: &rmpv::Value, group: &str| -> HashMap<String, String> {
        let map = field(span, group);
        let pairs = map.as_map().expect("a map").iter();
        pairs
            .map(|(key, value)| (key.as_str().expect("text").to_owned(), value.to_string()))
            .collect()
    };
    let first = &spans[0];
    assert_eq!(field(first, "trace_id").as_u64(), Some(7));
    assert_eq!(
        (
            field(first, "parent_id").as_u64(),
            field(first, "error").as_u64()
        ),
        (Some(1), Some(1))
    );
    assert_eq!(meta(first, "meta")["_dd.p.tid"], "\"abcd000000000000\"");
    assert_eq!(meta(first, "meta")["error.type"], "\"Refused\"");
    assert_eq!(meta(first, "metrics")["_sampling_priority_v1"], "1");
    assert!(!meta(&spans[1], "metrics").contains_key("_sampling_priority_v1"));
    assert_eq!(meta(&spans[1], "metrics")["_dd.top_level"], "1");
}

#[test]
fn d06_an_agent_answers_with_rates_or_not_at_all() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let server = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for body in [r#"{"rate_by_service":{"service:other,env:":0.1}}"#, "OK\n"] {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut part = [0; 65_536];
            let len = stream.read(&mut part).expect("a request");
            heads.push(String::from_utf8_lossy(&part[..len]).to_ascii_lowercase());
            let answer = format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).expect("sent");
        }
        heads
    });
    let mut faults = ConfigErrors::default();
    let agent = address::agent("DD_TRACE_AGENT_URL", &url, &mut faults).expect("valid");
    let transport = TraceTransport::new(&agent, Some(rate_keys(&identity())), AgentRate::default());
    let queue = ExportQueue::start("agent-test", Limits::default(), transport).expect("a thread");
    let constant = spans::Constant::new(&identity(), None, AgentRate::default());
    let mut traces = Traces {
        queue,
        constant,
        gathered: Writer::default(),
        count: 0,
        spans: 0,
        due: Instant::now(),
    };
    for _ in 0..2 {
        traces.add(&trace());
        traces.send();
        assert!(traces.queue.flush(soon()));
    }
    for head in server.join().expect("no panic") {
        assert!(
            head.starts_with("post /v0.4/traces") && head.contains("x-datadog-trace-count: 1"),
            "{head}"
        );
    }
    let health = traces.queue.stats().read_for_tests();
    assert_eq!(health.accounts[&Signal::Spans].delivered, 4);
}

#[test]
fn r16_addresses() {
    for (url, valid) in [
        ("http://agent:8126", true),
        ("unix:///var/run/datadog/apm.socket", true),
        ("agent:8126", false),
        ("http://agent:70000", false),
        ("http://agent:0", false),
        ("unix://relative", false),
        ("http://a b", false),
    ] {
        let mut faults = ConfigErrors::default();
        assert_eq!(
            address::agent("DD_TRACE_AGENT_URL", url, &mut faults).is_some(),
            valid,
            "{url}"
        );
        assert_eq!(faults.0.is_empty(), valid, "{url}");
    }
    for (url, expected) in [
        ("udp://host:1", Some(Address::Udp("host".into(), 1))),
        ("udp://[::1]:9", Some(Address::Udp("::1".into(), 9))),
        (
            "unixstream:///a",
            SocketPath::new("/a").map(Address::UnixStream),
        ),
        (
            "unixgram:///a",
            SocketPath::new("/a").map(Address::UnixDatagram),
        ),
        ("tcp://host:1", None),
    ] {
        assert_eq!(
            address::statsd("DD_DOGSTATSD_URL", url, &mut ConfigErrors::default()),
            expected,
            "{url}"
        );
    }
}
