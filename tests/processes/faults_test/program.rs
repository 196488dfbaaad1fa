//! The program `faults`, run against backends on loopback, and what it printed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

/// The settings of every backend and of a custom exporter, all with the same address.
pub(crate) fn environment(address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}")),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none".into()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100".into()),
        ("SENTRY_DSN", format!("http://key@{address}/1")),
        ("DD_TRACE_AGENT_URL", format!("http://{address}")),
        ("LOG_FORMAT", "json".into()),
        ("RUST_LOG", "info".into()),
        // An exporter that uses only the public trait.
        ("OWN_EXPORTER", address.to_string()),
    ]
}

pub(crate) fn command(scenario: &str, address: SocketAddr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_faults"));
    command.arg(scenario).env_clear().envs(environment(address));
    command
}

/// What a run of the program printed.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) numbers: BTreeMap<String, u64>,
    /// Accepted, delivered, dropped and queued, by backend and signal.
    pub(crate) accounts: BTreeMap<String, [u64; 4]>,
    pub(crate) text: String,
}

impl Report {
    pub(crate) fn read(text: String) -> Self {
        let mut report = Self::default();
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
                    report
                        .accounts
                        .insert(name, numbers.try_into().expect("four numbers"));
                }
                Some(name) => {
                    if let Some(number) = words.next().and_then(|word| word.parse().ok()) {
                        report.numbers.insert(name.to_owned(), number);
                    }
                }
                None => {}
            }
        }
        report.text = text;
        report
    }

    /// Asserts that every item is delivered, dropped or still queued.
    pub(crate) fn assert_accounted(&self) {
        assert!(!self.accounts.is_empty(), "{}", self.text);
        for (name, [accepted, delivered, dropped, queued]) in &self.accounts {
            assert!(*accepted > 0, "{name}");
            assert_eq!(*accepted, delivered + dropped + queued, "{name}: {self:?}");
        }
    }
}

pub(crate) fn run(scenario: &str, address: SocketAddr) -> Report {
    let output = command(scenario, address)
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_one_line_per_incomplete_backend(&errors);
    Report::read(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asserts that `errors` has one line for each backend that did not get everything, and nothing else.
pub(crate) fn assert_one_line_per_incomplete_backend(errors: &str) {
    let mut backends: Vec<&str> = Vec::new();
    for line in errors.lines() {
        let backend = line.strip_prefix("instrumental: ");
        let backend = backend.and_then(|rest| rest.split_once(" did not get "));
        backends.push(backend.unwrap_or_else(|| panic!("{line}")).0);
    }
    let all = backends.len();
    backends.sort_unstable();
    backends.dedup();
    assert_eq!(backends.len(), all, "one line per backend: {errors}");
}

/// An address on which nothing listens.
pub(crate) fn closed() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound")
}

/// A running `steps` scenario, driven line by line.
pub(crate) struct Stepping {
    pub(crate) child: Child,
    lines: BufReader<std::process::ChildStdout>,
    /// The lines read so far.
    pub(crate) output: String,
}

impl Stepping {
    pub(crate) fn start(address: SocketAddr) -> Self {
        Self::of(command("steps", address))
    }

    pub(crate) fn of(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        let output = String::new();
        Self {
            child,
            lines,
            output,
        }
    }

    /// Makes some calls; returns whether the flush completed in time.
    pub(crate) fn step(&mut self, calls: u32) -> bool {
        let stdin = self.child.stdin.as_mut().expect("piped");
        writeln!(stdin, "{calls}").expect("the program reads its input");
        loop {
            let mut line = String::new();
            assert!(
                self.lines.read_line(&mut line).expect("text") > 0,
                "the program ended"
            );
            self.output.push_str(&line);
            if let Some(flushed) = line.trim().strip_prefix("flushed ") {
                return flushed == "true";
            }
        }
    }

    pub(crate) fn end(mut self) -> Report {
        drop(self.child.stdin.take());
        let mut text = String::new();
        std::io::Read::read_to_string(&mut self.lines, &mut text).expect("text");
        assert!(self.child.wait().expect("ended").success());
        Report::read(text)
    }
}
