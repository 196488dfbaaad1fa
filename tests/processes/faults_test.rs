//! Backends in trouble: the service goes on, nothing is lost that could be kept, and what was dropped is a number.

mod pages;
mod tls;

use instrumental_tests::statsd::Statsd;
use instrumental_tests::stub::{Mode, Stub};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Every backend's variables, and those of an exporter of the program's own, with one address for all.
fn environment(address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}")),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none".into()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100".into()),
        ("SENTRY_DSN", format!("http://key@{address}/1")),
        ("DD_TRACE_AGENT_URL", format!("http://{address}")),
        ("LOG_FORMAT", "json".into()),
        ("RUST_LOG", "info".into()),
        // An exporter that is written with the public trait.
        ("OWN_EXPORTER", address.to_string()),
    ]
}

fn command(scenario: &str, address: SocketAddr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_faults"));
    command.arg(scenario).env_clear().envs(environment(address));
    command
}

/// What a run of the program said of itself.
#[derive(Debug, Default)]
struct Told {
    numbers: BTreeMap<String, u64>,
    /// Accepted, delivered, dropped and queued, by backend and signal.
    accounts: BTreeMap<String, [u64; 4]>,
    text: String,
}

impl Told {
    fn read(text: String) -> Self {
        let mut told = Self::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            match words.next() {
                Some("account") => {
                    let name = format!(
                        "{} {}",
                        words.next().unwrap_or(""),
                        words.next().unwrap_or("")
                    );
                    let numbers: Vec<u64> = words.take(4).filter_map(|n| n.parse().ok()).collect();
                    told.accounts
                        .insert(name, numbers.try_into().expect("four numbers"));
                }
                Some(name) => {
                    if let Some(number) = words.next().and_then(|word| word.parse().ok()) {
                        told.numbers.insert(name.to_owned(), number);
                    }
                }
                None => {}
            }
        }
        told.text = text;
        told
    }

    /// Every item is delivered, dropped or still in the hands of somebody who hangs.
    fn assert_accounted(&self) {
        assert!(!self.accounts.is_empty(), "{}", self.text);
        for (name, [accepted, delivered, dropped, queued]) in &self.accounts {
            assert!(*accepted > 0, "{name}");
            assert_eq!(*accepted, delivered + dropped + queued, "{name}: {self:?}");
        }
    }
}

fn run(scenario: &str, address: SocketAddr) -> Told {
    let output = command(scenario, address).output().expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_says_who_did_not_get_what(&errors);
    Told::read(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The standard error has a line at the end for each backend that did not get everything, and nothing else.
fn assert_says_who_did_not_get_what(errors: &str) {
    let mut backends: Vec<&str> = Vec::new();
    for line in errors.lines() {
        let told = line.strip_prefix("instrumental: ");
        let told = told.and_then(|told| told.split_once(" did not receive "));
        backends.push(told.unwrap_or_else(|| panic!("{line}")).0);
    }
    let all = backends.len();
    backends.sort_unstable();
    backends.dedup();
    assert_eq!(backends.len(), all, "one line a backend: {errors}");
}

/// An address where nobody listens.
fn closed() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound")
}

fn assert_bounded(told: &Told) {
    told.assert_accounted();
    // The figure is 50 ms; a machine that is busy with other tests gets more.
    assert!(told.numbers["slowest"] < 500_000, "{told:?}");
    assert!(told.numbers["init"] < 1000, "{told:?}");
    assert!(told.numbers["shutdown"] < 1000 + 1500, "{told:?}");
}

#[test]
fn r01_all_ports_closed() {
    assert_bounded(&run("busy", closed()));
}

#[test]
fn r02_r04_x01_x02_x03_all_hang() {
    let stub = Stub::start(Mode::Silent);
    assert_bounded(&run("busy", stub.address()));
}

#[test]
fn r06_all_answer_strangely() {
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
        let told = run("busy", stub.address());
        assert_bounded(&told);
        assert!(stub.requests() > 0, "{mode:?}");
    }
}

#[test]
fn an_exporter_of_the_program_that_panics_or_hangs_harms_nobody() {
    for (fault, why) in [
        ("panics", "internal_error"),
        ("hangs", "shutdown"),
        ("partly", "send_error"),
    ] {
        let stub = Stub::start(Mode::Status("200 OK", ""));
        let mut command = command("busy", stub.address());
        let output = command.env("OWN_FAULT", fault).output().expect("it starts");
        assert!(output.status.success());
        let told = Told::read(String::from_utf8_lossy(&output.stdout).into_owned());
        assert_bounded(&told);
        let [accepted, delivered, dropped, queued] = told.accounts["own spans"];
        match fault {
            "panics" => assert_eq!(accepted, dropped, "{told:?}"),
            "partly" => assert!(delivered > 0 && dropped > 0, "{told:?}"),
            _ => assert_eq!(accepted, dropped + queued, "{told:?}"),
        }
        // What hangs is given up at the deadline, perhaps a moment after the account was printed.
        let mut lines = told.text.lines();
        let own = lines.find(|line| line.starts_with("account own spans"));
        let says_why = own.is_some_and(|line| line.contains(why));
        assert!(says_why || fault == "hangs", "{fault}: {own:?}");
        // The other backends get theirs.
        let [_, delivered, ..] = told.accounts["otlp spans"];
        assert!(delivered > 0, "{told:?}");
    }
}

#[test]
fn r07_the_name_is_unknown() {
    let mut command = command("busy", closed());
    for name in ["OTEL_EXPORTER_OTLP_ENDPOINT", "DD_TRACE_AGENT_URL"] {
        command.env(name, "http://nonexistent.invalid:4318");
    }
    let output = command.output().expect("it starts");
    assert!(output.status.success());
    assert_bounded(&Told::read(
        String::from_utf8_lossy(&output.stdout).into_owned(),
    ));
}

#[test]
fn each_signal_of_otlp_goes_as_its_own_settings_say() {
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
    assert!(command.output().expect("it starts").status.success());
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
    // How a client of HTTP/2 greets.
    of("pri * http/2.0");
}

#[test]
fn a_socket_that_does_not_exist_is_a_backend_that_is_away() {
    let mut command = command("few", closed());
    for name in ["DD_TRACE_AGENT_URL", "DD_DOGSTATSD_URL"] {
        command.env(name, "unix:///nowhere/at/all.socket");
    }
    let output = command.output().expect("it starts");
    let told = Told::read(String::from_utf8_lossy(&output.stdout).into_owned());
    assert_bounded(&told);
    for name in ["datadog spans", "dogstatsd metrics"] {
        assert_eq!(told.accounts[name][1], 0, "{told:?}");
    }
}

/// Texts of a map of MessagePack.
fn texts(map: &rmpv::Value) -> BTreeMap<String, String> {
    let pairs = map.as_map().expect("a map").iter();
    let text = |value: &rmpv::Value| value.as_str().map_or(value.to_string(), str::to_owned);
    pairs.map(|(key, value)| (text(key), text(value))).collect()
}

/// Trace and service, environment and version of every span that an Agent was sent, by span.
fn spans_of(stub: &Stub) -> BTreeMap<String, (String, [String; 3])> {
    let mut spans = BTreeMap::new();
    let bodies = stub.bodies().into_iter();
    for (_, body) in bodies.filter(|(head, _)| head.contains("/v0.4/traces")) {
        let traces = rmpv::decode::read_value(&mut &body[..]).expect("MessagePack");
        for trace in traces.as_array().expect("traces") {
            let trace = trace.as_array().expect("spans");
            // The upper half stands in the first span of a trace alone.
            let mut upper = String::new();
            for span in trace {
                let fields = texts(span);
                let meta = span.as_map().expect("a map").iter();
                let meta = meta.filter(|(key, _)| key.as_str() == Some("meta"));
                let meta = texts(&meta.map(|(_, meta)| meta).next().expect("meta").clone());
                upper = meta.get("_dd.p.tid").cloned().unwrap_or(upper);
                let lower: u64 = fields["trace_id"].parse().expect("a number");
                let who = [&fields["service"], &meta["env"], &meta["version"]].map(Clone::clone);
                let trace = format!("{upper}{lower:016x}");
                spans.insert(fields["span_id"].clone(), (trace, who));
            }
        }
    }
    spans
}

#[test]
fn d07_lines_spans_and_metrics_say_the_same_of_where_they_come_from() {
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
    let output = command.output().expect("it starts");
    let spans = spans_of(&agent);
    assert_eq!(spans.len(), 100);
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = 0;
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let Some(span) = line["dd.span_id"].as_str() else {
            continue;
        };
        let (trace, who) = &spans[span];
        assert_eq!(line["dd.trace_id"], **trace, "{line}");
        let keys = ["dd.service", "dd.env", "dd.version"];
        assert_eq!(
            keys.map(|key| line[key].as_str().unwrap_or("").to_owned()),
            *who
        );
        assert_eq!(*who, ["shop", "staging", "1.2.3"]);
        lines += 1;
    }
    // A line of each request, and the report of an error.
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

/// The figure is 64 MiB with every backend away for ten minutes of 50,000 spans a second. What is kept is bounded by
/// its queues, so a sixth of the spans, as fast as they go, fills as much as all of them would.
#[test]
fn memory_stays_bounded_while_every_backend_is_away() {
    let hangs = Stub::start(Mode::Silent);
    for address in [closed(), hangs.address()] {
        let mut command = command("outage", address);
        command.args(["5000000", "0"]);
        // Nobody reads what the console is written.
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut text = String::new();
        let stderr = child.stderr.as_mut().expect("piped");
        std::io::Read::read_to_string(stderr, &mut text).expect("text");
        assert!(child.wait().expect("ended").success(), "{text}");
        let told = Told::read(text);
        told.assert_accounted();
        let [half, end] = ["quarter_2", "quarter_4"].map(|name| told.numbers[name]);
        assert!(end < 64 << 10, "grown by {end} KiB: {told:?}");
        assert!(end < half + (8 << 10), "it grows: {told:?}");
        assert!(told.numbers["shutdown"] < 1000 + 1500, "{told:?}");
        for name in ["otlp spans", "own spans"] {
            let [accepted, delivered, dropped, _] = told.accounts[name];
            assert!(
                accepted > 0 && delivered == 0 && dropped > 0,
                "{name}: {told:?}"
            );
        }
    }
}

/// A program that does as it is told, line by line.
struct Stepping {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    /// The lines read so far.
    said: String,
}

impl Stepping {
    fn start(address: SocketAddr) -> Self {
        Self::of(command("steps", address))
    }

    fn of(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        let said = String::new();
        Self { child, lines, said }
    }

    /// Makes some calls; whether all of them were delivered or given up in time.
    fn step(&mut self, calls: u32) -> bool {
        let stdin = self.child.stdin.as_mut().expect("piped");
        writeln!(stdin, "{calls}").expect("it reads");
        loop {
            let mut line = String::new();
            assert!(
                self.lines.read_line(&mut line).expect("text") > 0,
                "it ended"
            );
            self.said.push_str(&line);
            if let Some(flushed) = line.trim().strip_prefix("flushed ") {
                return flushed == "true";
            }
        }
    }

    fn end(mut self) -> Told {
        drop(self.child.stdin.take());
        let mut text = String::new();
        std::io::Read::read_to_string(&mut self.lines, &mut text).expect("text");
        assert!(self.child.wait().expect("ended").success());
        Told::read(text)
    }
}

#[test]
fn r05_a_backend_that_dies_and_comes_back_gets_what_waited() {
    let stub = Stub::start(Mode::Status("200 OK", ""));
    let address = stub.address();
    let mut program = Stepping::start(address);
    assert!(program.step(1000));
    drop(stub);
    program.step(1000);
    let stub = Stub::at(&address.to_string(), Mode::Status("200 OK", ""));
    // What waited is tried again within the first pauses.
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while stub.requests() == 0 {
        assert!(std::time::Instant::now() < deadline, "nobody came back");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    assert!(program.step(1000));
    let told = program.end();
    told.assert_accounted();
    for name in [
        "otlp spans",
        "own spans",
        "own errors",
        "own logs",
        "own metrics",
    ] {
        let [accepted, delivered, dropped, _] = told.accounts[name];
        assert_eq!((accepted, dropped), (delivered, 0), "{name}: {told:?}");
    }
}

#[test]
fn a_backend_that_is_not_there_is_told_while_its_items_wait_and_at_the_end() {
    let mut command = command("steps", closed());
    command.stderr(Stdio::piped());
    let mut program = Stepping::of(command);
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    let told =
        "otlp is not accepting data (connection refused); queued data will be retried";
    while !program.said.contains(told) {
        assert!(std::time::Instant::now() < deadline, "{}", program.said);
        program.step(1);
    }
    let mut stderr = program.child.stderr.take().expect("piped");
    program.end();
    let mut errors = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut errors).expect("text");
    assert_says_who_did_not_get_what(&errors);
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
        .expect("it starts");
    let told = Told::read(String::from_utf8_lossy(&output.stdout).into_owned());
    assert_eq!(told.numbers["while_idle"], 0, "{told:?}");
}

#[test]
fn r23_without_files_it_degrades_or_says_why() {
    let limited = format!("ulimit -n 4; exec {} busy", env!("CARGO_BIN_EXE_faults"));
    let output = Command::new("sh")
        .args(["-c", &limited])
        .env_clear()
        .envs(environment(closed()))
        .output()
        .expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    let out = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        Told::read(out.into_owned()).assert_accounted();
    } else {
        assert!(errors.contains("does not start"), "{errors}");
        assert!(!errors.contains("panicked"), "{errors}");
    }
}
