//! Failing backends: the service continues, data is kept as long as possible, and every dropped item is counted.

mod pages;
mod program;
mod tls;

use instrumental_tests::statsd::Statsd;
use instrumental_tests::stub::{Mode, Stub};
use program::{
    Report, Stepping, assert_one_line_per_incomplete_backend, closed, command, environment, run,
};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

fn assert_bounded(report: &Report) {
    report.assert_accounted();
    // The target is 50 ms; the limit is higher because other tests run at the same time.
    assert!(report.numbers["slowest"] < 500_000, "{report:?}");
    assert!(report.numbers["init"] < 1000, "{report:?}");
    assert!(report.numbers["shutdown"] < 1000 + 1500, "{report:?}");
}

#[test]
fn r01_all_ports_closed() {
    assert_bounded(&run("busy", closed()));
}

#[test]
fn r02_r04_x01_x02_x03_all_backends_hang() {
    let stub = Stub::start(Mode::Silent);
    assert_bounded(&run("busy", stub.address()));
}

#[test]
fn r06_all_backends_send_unexpected_responses() {
    for mode in [
        Mode::Drip,
        Mode::EndlessHeaders,
        Mode::Garbage,
        Mode::Reset,
        Mode::Status("301 x", "Location: http://192.0.2.1/\r\n"),
        Mode::Status("400 x", ""),
        Mode::Status("413 x", ""),
        Mode::Status("429 x", "Retry-After: 60\r\n"),
        Mode::Status("500 x", ""),
    ] {
        let stub = Stub::start(mode.clone());
        let report = run("busy", stub.address());
        assert_bounded(&report);
        assert!(stub.requests() > 0, "{mode:?}");
    }
}

#[test]
fn a_custom_exporter_that_panics_or_hangs_does_not_affect_other_backends() {
    for (fault, why) in [
        ("panics", "internal_error"),
        ("hangs", "shutdown"),
        ("partly", "send_error"),
    ] {
        let stub = Stub::start(Mode::Status("200 OK", ""));
        let mut command = command("busy", stub.address());
        let output = command
            .env("OWN_FAULT", fault)
            .output()
            .expect("the program starts");
        assert!(output.status.success());
        let report = Report::read(String::from_utf8_lossy(&output.stdout).into_owned());
        assert_bounded(&report);
        let [accepted, delivered, dropped, queued] = report.accounts["own spans"];
        match fault {
            "panics" => assert_eq!(accepted, dropped, "{report:?}"),
            "partly" => assert!(delivered > 0 && dropped > 0, "{report:?}"),
            _ => assert_eq!(accepted, dropped + queued, "{report:?}"),
        }
        // A hanging export is dropped at the deadline, which may be after the account was printed.
        let mut lines = report.text.lines();
        let own = lines.find(|line| line.starts_with("account own spans"));
        let has_reason = own.is_some_and(|line| line.contains(why));
        assert!(has_reason || fault == "hangs", "{fault}: {own:?}");
        // The other backends receive their data.
        let [_, delivered, ..] = report.accounts["otlp spans"];
        assert!(delivered > 0, "{report:?}");
    }
}

#[test]
fn r07_the_host_name_does_not_resolve() {
    let mut command = command("busy", closed());
    for name in ["OTEL_EXPORTER_OTLP_ENDPOINT", "DD_TRACE_AGENT_URL"] {
        command.env(name, "http://nonexistent.invalid:4318");
    }
    let output = command.output().expect("the program starts");
    assert!(output.status.success());
    assert_bounded(&Report::read(
        String::from_utf8_lossy(&output.stdout).into_owned(),
    ));
}

#[test]
fn each_otlp_signal_follows_its_own_settings() {
    let stub = Stub::start(Mode::Status("200 OK", ""));
    let mut command = Command::new(env!("CARGO_BIN_EXE_faults"));
    let endpoint = format!("http://{}", stub.address());
    command.arg("few").env_clear().envs([
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=of-all,x-more=of-all"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-key=of-traces"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "gzip"),
        ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc"),
        ("LOG_FORMAT", "json"),
    ]);
    assert!(
        command
            .output()
            .expect("the program starts")
            .status
            .success()
    );
    let heads: Vec<_> = stub.bodies().into_iter().map(|(head, _)| head).collect();
    let of = |path: &str| {
        let head = heads.iter().find(|head| head.starts_with(path));
        head.unwrap_or_else(|| panic!("{path} in {heads:#?}"))
            .as_str()
    };
    let (traces, metrics) = (of("post /v1/traces "), of("post /v1/metrics "));
    assert!(traces.contains("x-key: of-traces"), "{traces}");
    assert!(
        !traces.contains("of-all") && !traces.contains("gzip"),
        "{traces}"
    );
    assert!(
        metrics.contains("x-key: of-all") && metrics.contains("x-more: of-all"),
        "{metrics}"
    );
    assert!(metrics.contains("content-encoding: gzip"), "{metrics}");
    // The preface of an HTTP/2 client.
    of("pri * http/2.0");
}

#[test]
fn a_missing_socket_is_an_unreachable_backend() {
    let mut command = command("few", closed());
    for name in ["DD_TRACE_AGENT_URL", "DD_DOGSTATSD_URL"] {
        command.env(name, "unix:///nowhere/at/all.socket");
    }
    let output = command.output().expect("the program starts");
    let report = Report::read(String::from_utf8_lossy(&output.stdout).into_owned());
    assert_bounded(&report);
    for name in ["datadog spans", "dogstatsd metrics"] {
        assert_eq!(report.accounts[name][1], 0, "{report:?}");
    }
}

/// The entries of a MessagePack map as strings.
fn texts(map: &rmpv::Value) -> BTreeMap<String, String> {
    let pairs = map.as_map().expect("a map").iter();
    let text = |value: &rmpv::Value| value.as_str().map_or(value.to_string(), str::to_owned);
    pairs.map(|(key, value)| (text(key), text(value))).collect()
}

/// The trace, service, environment and version of every span that the Agent received, by span id.
fn spans_of(stub: &Stub) -> BTreeMap<String, (String, [String; 3])> {
    let mut spans = BTreeMap::new();
    let bodies = stub.bodies().into_iter();
    for (_, body) in bodies.filter(|(head, _)| head.contains("/v0.4/traces")) {
        let traces = rmpv::decode::read_value(&mut &body[..]).expect("MessagePack");
        for trace in traces.as_array().expect("traces") {
            let trace = trace.as_array().expect("spans");
            // Only the first span of a trace carries the upper half of the trace id.
            let mut upper = String::new();
            for span in trace {
                let fields = texts(span);
                let meta = span.as_map().expect("a map").iter();
                let meta = meta.filter(|(key, _)| key.as_str() == Some("meta"));
                let meta = texts(&meta.map(|(_, meta)| meta).next().expect("meta").clone());
                upper = meta.get("_dd.p.tid").cloned().unwrap_or(upper);
                let lower: u64 = fields["trace_id"].parse().expect("a number");
                let origin = [&fields["service"], &meta["env"], &meta["version"]].map(Clone::clone);
                let trace = format!("{upper}{lower:016x}");
                spans.insert(fields["span_id"].clone(), (trace, origin));
            }
        }
    }
    spans
}

#[test]
fn d07_logs_spans_and_metrics_name_the_same_service() {
    let (agent, statsd) = (Stub::start(Mode::Status("200 OK", "")), Statsd::start());
    let mut command = Command::new(env!("CARGO_BIN_EXE_faults"));
    command.arg("few").env_clear().envs([
        (
            "DD_TRACE_AGENT_URL",
            &*format!("http://{}", agent.address()),
        ),
        ("DD_DOGSTATSD_URL", statsd.url()),
        ("DD_LOGS_INJECTION", "true"),
        ("DD_SERVICE", "shop"),
        ("DD_ENV", "staging"),
        ("DD_VERSION", "1.2.3"),
        ("LOG_FORMAT", "json"),
    ]);
    let output = command.output().expect("the program starts");
    let spans = spans_of(&agent);
    assert_eq!(spans.len(), 100);
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = 0;
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let Some(span) = line["dd.span_id"].as_str() else {
            continue;
        };
        let (trace, origin) = &spans[span];
        assert_eq!(line["dd.trace_id"], **trace, "{line}");
        let keys = ["dd.service", "dd.env", "dd.version"];
        assert_eq!(
            keys.map(|key| line[key].as_str().unwrap_or("").to_owned()),
            *origin
        );
        assert_eq!(*origin, ["shop", "staging", "1.2.3"]);
        lines += 1;
    }
    // A line for each request, and the report of an error.
    assert_eq!(lines, 11, "{text}");
    let metrics = statsd.lines();
    assert!(!metrics.is_empty());
    for line in &metrics {
        let tags = line
            .split('|')
            .find_map(|part| part.strip_prefix('#'))
            .expect("tags");
        let tags: Vec<&str> = tags.split(',').collect();
        for tag in ["service:shop", "env:staging", "version:1.2.3"] {
            assert!(tags.contains(&tag), "{line}");
        }
    }
}

/// The target is 64 MiB with every backend unreachable for ten minutes at 50,000 spans per second, and the queues of the
/// program's own exporter: 1 MiB for each of four signals. Queues bound the memory, so a sixth of the spans at full
/// speed fills as much.
#[test]
fn memory_stays_bounded_while_every_backend_is_unreachable() {
    let hangs = Stub::start(Mode::Silent);
    for address in [closed(), hangs.address()] {
        let mut command = command("outage", address);
        command.args(["5000000", "0"]);
        // The console's pipe is not read.
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut text = String::new();
        let stderr = child.stderr.as_mut().expect("piped");
        std::io::Read::read_to_string(stderr, &mut text).expect("text");
        assert!(child.wait().expect("ended").success(), "{text}");
        let report = Report::read(text);
        report.assert_accounted();
        let [half, end] = ["quarter_2", "quarter_4"].map(|name| report.numbers[name]);
        assert!(end < (64 + 4) << 10, "grew by {end} KiB: {report:?}");
        assert!(end < half + (8 << 10), "memory keeps growing: {report:?}");
        assert!(report.numbers["shutdown"] < 1000 + 1500, "{report:?}");
        for name in ["otlp spans", "own spans"] {
            let [accepted, delivered, dropped, _] = report.accounts[name];
            assert!(
                accepted > 0 && delivered == 0 && dropped > 0,
                "{name}: {report:?}"
            );
        }
    }
}

#[test]
fn r05_a_backend_that_restarts_gets_the_queued_items() {
    let stub = Stub::start(Mode::Status("200 OK", ""));
    let address = stub.address();
    let mut program = Stepping::start(address);
    assert!(program.step(1000));
    drop(stub);
    program.step(1000);
    let stub = Stub::at(&address.to_string(), Mode::Status("200 OK", ""));
    // Queued items are retried after the first pauses.
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while stub.requests() == 0 {
        assert!(std::time::Instant::now() < deadline, "nothing was retried");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    assert!(program.step(1000));
    let report = program.end();
    report.assert_accounted();
    for name in [
        "otlp spans",
        "own spans",
        "own errors",
        "own logs",
        "own metrics",
    ] {
        let [accepted, delivered, dropped, _] = report.accounts[name];
        assert_eq!((accepted, dropped), (delivered, 0), "{name}: {report:?}");
    }
}

#[test]
fn an_unreachable_backend_is_reported_while_its_items_wait_and_at_the_end() {
    let mut command = command("steps", closed());
    command.stderr(Stdio::piped());
    let mut program = Stepping::of(command);
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    let warning = "otlp is not accepting data (connection refused); queued data will be retried";
    while !program.output.contains(warning) {
        assert!(std::time::Instant::now() < deadline, "{}", program.output);
        program.step(1);
    }
    let mut stderr = program.child.stderr.take().expect("piped");
    program.end();
    let mut errors = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut errors).expect("text");
    assert_one_line_per_incomplete_backend(&errors);
    let mut lines = errors.lines();
    let otlp = lines.find(|line| line.starts_with("instrumental: otlp did not receive "));
    let otlp = otlp.unwrap_or_else(|| panic!("{errors}"));
    assert!(
        otlp.ends_with(" before shutdown: connection refused"),
        "{otlp}"
    );
}

#[test]
fn r20_telemetry_does_not_report_itself() {
    let stub = Stub::start(Mode::Status("200 OK", ""));
    let mut command = command("idle", stub.address());
    let output = command
        .env("RUST_LOG", "trace")
        .output()
        .expect("the program starts");
    let report = Report::read(String::from_utf8_lossy(&output.stdout).into_owned());
    assert_eq!(report.numbers["while_idle"], 0, "{report:?}");
}

#[test]
fn r23_without_file_descriptors_it_degrades_or_reports_why() {
    let limited = format!("ulimit -n 4; exec {} busy", env!("CARGO_BIN_EXE_faults"));
    let output = Command::new("sh")
        .args(["-c", &limited])
        .env_clear()
        .envs(environment(closed()))
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    let out = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        Report::read(out.into_owned()).assert_accounted();
    } else {
        assert!(errors.contains("does not start"), "{errors}");
        assert!(!errors.contains("panicked"), "{errors}");
    }
}
