//! Backends in trouble: the service goes on, nothing is lost that could be kept, and what was dropped is a number.

use instrumental_tests::stub::{Mode, Stub};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Every backend's variables, with one address for all.
fn environment(address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}")),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none".into()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100".into()),
        ("SENTRY_DSN", format!("http://key@{address}/1")),
        ("DD_TRACE_AGENT_URL", format!("http://{address}")),
        ("LOG_FORMAT", "json".into()),
        ("RUST_LOG", "info".into()),
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
    assert_eq!(errors, "", "nothing is said on the standard error");
    Told::read(String::from_utf8_lossy(&output.stdout).into_owned())
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

/// A program that does as it is told, line by line.
struct Stepping {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Stepping {
    fn start(address: SocketAddr) -> Self {
        let mut command = command("steps", address);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, lines }
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
    let [accepted, delivered, dropped, _] = told.accounts["otlp spans"];
    assert_eq!((accepted, dropped), (delivered, 0), "{told:?}");
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
