//! `cargo instrumental doctor` and `ready`: a healthy setup has no findings; each planted fault is reported, and nothing else is.

mod more;
mod ready;
mod setup;

use instrumental_tests::stub::Mode;
use setup::{KEY, Report, Service, Setup, TOKEN, answer, datagrams};
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixDatagram;

/// Asserts that `check` is the only finding and that its text contains `words`.
#[track_caller]
fn only(report: &Report, check: &str, words: &[&str]) {
    assert_eq!(
        (report.found(), report.code),
        (vec![check.to_owned()], 1),
        "{}{}",
        report.text,
        report.errors
    );
    let found = report.check(check);
    for word in words {
        assert!(found.to_string().contains(word), "{word} is not in {found}");
    }
    assert_ne!(found["remedy"], "", "{found}");
}

/// Asserts that every backend received the test data, all of it marked as such.
fn assert_test_data_arrived(setup: &Setup, report: &Report) {
    let log = std::fs::read_to_string(setup.folder.join("logs/combined.log")).expect("a log");
    assert!(
        log.contains("test line of cargo instrumental doctor"),
        "{log}"
    );
    assert!(!log.contains("\"works\""), "{log}");
    assert!(datagrams(&setup.statsd).contains("instrumental.probe:1|c"));
    let trace = report.check("round_trip.datadog.spans")["fact"]
        .as_str()
        .expect("a fact")
        .to_owned();
    let trace = trace.rsplit(' ').next().expect("an id").to_owned();
    assert_eq!(trace.len(), 32);
    let has = |bytes: &[u8], text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    let traces = setup
        .agent
        .bodies()
        .into_iter()
        .filter(|(head, _)| head.starts_with("post /v0.4/traces "));
    let traces: Vec<_> = traces.map(|(_, body)| body).collect();
    assert!(!traces.is_empty() && traces.iter().all(|body| has(body, "instrumental.doctor")));
    for line in log.lines() {
        assert!(line.contains("\"instrumental.doctor\":"), "{line}");
    }
    assert!(
        log.contains("test error of cargo instrumental doctor"),
        "{log}"
    );
    assert!(
        setup
            .collector
            .bodies()
            .iter()
            .any(|(head, _)| head.contains(&format!("bearer {TOKEN}")))
    );
}

#[test]
fn a_healthy_setup_has_no_findings_and_every_test_item_arrives() {
    let setup = Setup::healthy();
    let report = setup.doctor(&[]);
    assert_eq!(
        (report.found(), report.code),
        (Vec::new(), 0),
        "{}{}",
        report.text,
        report.errors
    );
    for round_trip in [
        "sentry.errors",
        "sentry.spans",
        "datadog.spans",
        "dogstatsd.metrics",
        "otlp.spans",
        "otlp.metrics",
        "otlp.logs",
        "files.logs",
    ] {
        assert_eq!(
            report.check(&format!("round_trip.{round_trip}"))["verdict"],
            "ok",
            "{round_trip}"
        );
    }
    assert_test_data_arrived(&setup, &report);
    // The text output says the same.
    let text = setup.run(&["doctor"]);
    assert!(
        text.code == 0 && text.text.ends_with("No problems found.\n"),
        "{}",
        text.text
    );
}

#[test]
fn fault_1_bad_dsn() {
    let mut setup = Setup::healthy();
    setup.set("SENTRY_DSN", &format!("{KEY}@sentry"));
    only(
        &setup.doctor(&[]),
        "settings",
        &["SENTRY_DSN", "Client Keys"],
    );
}

#[test]
fn fault_2_closed_port() {
    let mut setup = Setup::healthy();
    setup.set("DD_TRACE_AGENT_URL", "http://127.0.0.1:1");
    let report = setup.doctor(&[]);
    only(
        &report,
        "datadog.connect",
        &["127.0.0.1:1", "refused", "8126"],
    );
    assert_eq!(report.check("round_trip.datadog")["verdict"], "skipped");
}

#[test]
fn fault_3_wrong_socket_path() {
    let mut setup = Setup::healthy();
    let path = setup.folder.join("dsd.socket").display().to_string();
    setup.set("DD_DOGSTATSD_URL", &format!("unix://{path}"));
    only(
        &setup.doctor(&[]),
        "dogstatsd",
        &[&path, "no such file", "dogstatsd_socket"],
    );
    // A regular file in its place.
    std::fs::write(&path, "").expect("written");
    only(&setup.doctor(&[]), "dogstatsd", &["not a socket"]);
    std::fs::remove_file(&path).expect("removed");
    // The Agent's socket.
    let _agent = UnixDatagram::bind(&path).expect("a socket");
    let report = setup.doctor(&[]);
    assert_eq!(report.found(), Vec::<String>::new(), "{}", report.text);
    setup.set("DD_DOGSTATSD_URL", &format!("unixstream://{path}"));
    only(
        &setup.doctor(&[]),
        "dogstatsd",
        &["not a socket for a stream", "unixgram://"],
    );
}

#[test]
fn fault_4_sample_rate_0() {
    let mut setup = Setup::healthy();
    setup.set("DD_TRACE_SAMPLE_RATE", "0");
    let report = setup.doctor(&[]);
    only(&report, "sample_rate", &["no trace is recorded", "0.1"]);
    // The test trace is recorded regardless of the rate.
    assert_eq!(report.check("round_trip.sentry.spans")["verdict"], "ok");
    setup.set("DD_TRACE_SAMPLE_RATE", "0.5");
    setup.set("TRACE_SAMPLE_RULES", "GET /health=0");
    assert_eq!(setup.doctor(&[]).found(), Vec::<String>::new());
    setup.set("TRACE_SAMPLE_RULES", "rel*=0");
    only(&setup.doctor(&[]), "sample_rules", &["rel*"]);
    setup.set("TRACE_SAMPLE_RULES", "");
    setup.set("SENTRY_SAMPLE_RATE", "0");
    only(&setup.doctor(&[]), "error_sample_rate", &["sent no error"]);
}

#[test]
fn fault_5_level_filter_off() {
    let mut setup = Setup::healthy();
    setup.set("RUST_LOG", "off");
    only(
        &setup.doctor(&[]),
        "log_filter",
        &["no log line is accepted", "RUST_LOG"],
    );
}

#[test]
fn fault_6_agent_without_otlp() {
    let mut setup = Setup::healthy();
    setup.set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    let report = setup.doctor(&[]);
    only(
        &report,
        "otlp.connect",
        &["DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT"],
    );
    // The port is open, but its server does not speak OTLP.
    setup.set(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        &format!("http://{}", setup.collector.address()),
    );
    setup.set("OTEL_LOGS_EXPORTER", "none");
    setup.set("OTEL_METRICS_EXPORTER", "none");
    setup.collector.set(Mode::Status("404 Not Found", ""));
    only(
        &setup.doctor(&[]),
        "otlp.answer",
        &["HTTP 404", "/v1/traces"],
    );
}

fn clock_ahead(head: &str) -> String {
    setup::sentry_at(head, 300)
}

#[test]
fn fault_7_clock_skew() {
    let setup = Setup::healthy();
    setup.sentry.set(Mode::Respond(clock_ahead));
    let report = setup.doctor(&[]);
    only(&report, "clock", &["behind", "NTP"]);
}

#[test]
fn fault_8_unwritable_log_directory() {
    let mut setup = Setup::healthy();
    let file = setup.folder.join("file");
    std::fs::write(&file, "").expect("written");
    setup.set("LOG_DIR", &file.join("logs").display().to_string());
    only(
        &setup.doctor(&[]),
        "logs.folder",
        &["not a folder", "LOG_DIR"],
    );
}

#[test]
fn fault_9_no_handler_layer() {
    let setup = Setup::healthy();
    for (arguments, is_healthy) in [(&[][..], true), (&["bare"], false)] {
        let service = Service::start(arguments);
        let report = setup.doctor(&["--service", &service.url, "--metrics", &service.metrics]);
        if is_healthy {
            assert_eq!(report.found(), Vec::<String>::new(), "{}", report.text);
            assert_eq!(report.check("handler")["verdict"], "ok");
        } else {
            only(&report, "handler", &["not counted", "outermost"]);
        }
    }
}

fn forbidden(_: &str) -> String {
    answer(
        "403 Forbidden",
        "Via: 1.1 corp-proxy (squid)\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n",
        "",
        0,
    )
}

#[test]
fn fault_10_a_proxy_that_answers_403() {
    // A proxy named by the environment.
    let mut setup = Setup::healthy();
    let proxy = instrumental_tests::stub::Stub::start(Mode::Respond(forbidden));
    setup.set(
        "HTTPS_PROXY",
        &format!("http://alice:pass-word-9@{}", proxy.address()),
    );
    let report = setup.doctor(&[]);
    only(&report, "proxy", &["HTTPS_PROXY", "403", "NO_PROXY"]);
    assert!(
        !report.text.contains("pass-word-9") && !report.text.contains("alice"),
        "{}",
        report.text
    );
    setup.set("NO_PROXY", "127.0.0.1");
    assert_eq!(setup.doctor(&[]).found(), Vec::<String>::new());
    // A transparent proxy, recognized by its headers.
    let setup = Setup::healthy();
    setup.sentry.set(Mode::Respond(forbidden));
    let report = setup.doctor(&[]);
    only(
        &report,
        "proxy",
        &["403", "via: 1.1 corp-proxy", "firewall"],
    );
    assert_eq!(report.check("round_trip.sentry")["verdict"], "skipped");
}

#[test]
fn g02_no_secret_is_printed_and_test_data_are_marked() {
    let mut setup = Setup::healthy();
    setup.set("DD_API_KEY", "dd-api-key-4711");
    let mut output = String::new();
    for arguments in [
        &["doctor"][..],
        &["doctor", "--json"],
        &["ready"],
        &["ready", "--json"],
    ] {
        let report = setup.run(arguments);
        assert!(report.code < 2, "{arguments:?}: {}", report.errors);
        output.push_str(&(report.text + &report.errors));
    }
    // Also when every setting is wrong.
    setup.set("SENTRY_DSN", &format!("http://{KEY}:{TOKEN}@[::bad/42"));
    setup.set("DD_TRACE_AGENT_URL", &format!("ftp://user:{TOKEN}@host"));
    setup.set(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        &format!("http://user:{TOKEN}@127.0.0.1:1/{KEY}?key={TOKEN}"),
    );
    let report = setup.run(&["doctor"]);
    output.push_str(&(report.text + &report.errors));
    for secret in [KEY, TOKEN, "dd-api-key-4711"] {
        assert!(!output.contains(secret), "{secret} is in\n{output}");
    }
    let events = setup.sentry.bodies();
    let posted = events.iter().filter(|(head, _)| head.starts_with("post "));
    assert!(
        posted.count() >= 4,
        "the test error and the trace of two probes"
    );
}

#[test]
fn g02_offline_opens_no_socket() {
    let mut setup = Setup::healthy();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let statsd = UdpSocket::bind("127.0.0.1:0").expect("a port");
    statsd.set_nonblocking(true).expect("a socket");
    let at = listener.local_addr().expect("bound");
    setup.set("SENTRY_DSN", &format!("http://{KEY}@{at}/42"));
    setup.set("DD_TRACE_AGENT_URL", &format!("http://{at}"));
    setup.set("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{at}"));
    setup.set("LOG_TCP", &at.to_string());
    setup.set("HTTP_PROXY", &format!("http://{at}"));
    setup.set(
        "DD_DOGSTATSD_URL",
        &format!("udp://{}", statsd.local_addr().expect("bound")),
    );
    let report = setup.doctor(&["--offline"]);
    assert_eq!(
        (report.found(), report.code),
        (Vec::new(), 0),
        "{}",
        report.text
    );
    let skipped = report.all(|check| check["verdict"] == "skipped");
    assert!(skipped.iter().all(|check| {
        check["fact"]
            .as_str()
            .is_some_and(|why| why.contains("--offline"))
    }));
    assert!(skipped.len() >= 6, "{}", report.text);
    assert!(listener.accept().is_err(), "a check connected");
    assert!(
        statsd.recv(&mut [0; 16]).is_err(),
        "a check sent a datagram"
    );
    // Checks that need no socket still run.
    setup.set("DD_TRACE_SAMPLE_RATE", "0");
    only(&setup.doctor(&["--offline"]), "sample_rate", &[]);
}
