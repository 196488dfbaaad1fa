//! Tests of the DogStatsD client.

use super::fixtures::{series, soon, unused_path};
use super::*;
use crate::collect::store::bucket;
use crate::pipeline::queue::transport::QueuedBatch;
use crate::pipeline::transport::sockets::SocketPath;
use crate::{Distribution, MetricKind, Sample, SampleValue};
use std::io::Read;
use std::net::UdpSocket;
use std::os::unix::net::{UnixDatagram, UnixListener};

/// Parses a line strictly by the protocol: name, values, type, weight, tags.
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

/// Starts a UDP server and a queue that sends to it.
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

/// Flushes the queue, and returns the lines of the next datagrams.
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

/// Returns the number of lines that the queue accepted.
fn accepted(queue: &ExportQueue) -> usize {
    let health = queue.stats().read_for_tests();
    health
        .accounts
        .get(&Signal::Metrics)
        .map_or(0, |account| account.accepted as usize)
}

#[test]
fn d01_x17_counters_are_exact_over_flushes_and_no_line_is_forged() {
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
    assert!(accepted(&queue) > 0);
}

#[test]
fn a_distribution_keeps_its_count_and_sum_in_few_lines() {
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
fn d03_non_finite_gauges_are_not_sent() {
    let (server, queue) = over_udp();
    let mut statsd = statsd::Statsd::new(&["env:test".into()], String::new(), transport::UDP_LIMIT);
    let gauge = |value| Sample {
        series: series(MetricKind::Gauge),
        value: SampleValue::Gauge(value),
    };
    let values = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        f64::MIN_POSITIVE / 2.0,
        f64::MAX,
        -1.5,
    ];
    statsd.flush(&values.map(gauge), &queue);
    let lines = received(&server, &queue, 1);
    let seen: Vec<f64> = lines.iter().map(|line| parse(line).1[0]).collect();
    assert_eq!(seen, [-0.0, f64::MIN_POSITIVE / 2.0, f64::MAX, -1.5]);
}

#[test]
fn d05_a_socket_may_appear_late_restart_and_change_its_kind() {
    let path = unused_path("dsd");
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
    // A restarted Agent binds the path anew, which gives it another inode.
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
