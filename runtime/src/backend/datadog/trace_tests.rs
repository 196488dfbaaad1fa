//! Tests of traces and of addresses.

use super::fixtures::{identity, soon, trace};
use super::*;
use crate::base::settings::ConfigErrors;
use crate::pipeline::transport::sockets::SocketPath;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpListener;

#[test]
fn d06_traces_decode_as_the_agents_format() {
    let mut out = Writer::default();
    spans::write(
        &mut out,
        &trace(),
        &spans::Process::new(&identity(), None, AgentRate::default()),
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
fn d06_an_agent_may_answer_with_rates_or_with_text() {
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
    let mut errors = ConfigErrors::default();
    let agent = address::agent("DD_TRACE_AGENT_URL", &url, &mut errors).expect("valid");
    let transport = TraceTransport::new(&agent, Some(rate_keys(&identity())), AgentRate::default());
    let queue = ExportQueue::start("agent-test", Limits::default(), transport).expect("a thread");
    let process = spans::Process::new(&identity(), None, AgentRate::default());
    let mut traces = Traces {
        queue,
        process,
        buffer: Writer::default(),
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
fn r16_invalid_addresses_are_configuration_errors() {
    for (url, valid) in [
        ("http://agent:8126", true),
        ("unix:///var/run/datadog/apm.socket", true),
        ("agent:8126", false),
        ("http://agent:70000", false),
        ("http://agent:0", false),
        ("unix://relative", false),
        ("http://a b", false),
    ] {
        let mut errors = ConfigErrors::default();
        assert_eq!(
            address::agent("DD_TRACE_AGENT_URL", url, &mut errors).is_some(),
            valid,
            "{url}"
        );
        assert_eq!(errors.0.is_empty(), valid, "{url}");
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
