//! The marketplace, end to end: its telemetry agrees with its traffic.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The traffic runs for three seconds; the rest is a margin for slow machines.
const DEADLINE: Duration = Duration::from_secs(60);

/// A child process that is killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Builds the marketplace in the profile of this test and returns its path.
fn marketplace() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args([
            "build",
            "-p",
            "marketplace",
            "--message-format=json-render-diagnostics",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(built.status.success(), "the marketplace does not build");
    let messages = String::from_utf8_lossy(&built.stdout);
    let key = "\"executable\":\"";
    let path = messages.lines().rev().find_map(|line| {
        let rest = &line[line.find(key)? + key.len()..];
        rest.split('"').next().map(PathBuf::from)
    });
    path.expect("cargo names the program")
}

/// Runs the marketplace with traffic and returns its output.
fn run(environment: &[(&str, &str)]) -> String {
    run_with(&[], environment)
}

/// Like [`run`], with more arguments.
fn run_with(more: &[&str], environment: &[(&str, &str)]) -> String {
    let arguments = ["--port", "0", "--traffic", "--duration", "3", "--seed", "7"];
    let output = tempfile();
    let child = Command::new(marketplace())
        .args(arguments)
        .args(more)
        .args(["--requests-per-second", "20"])
        .env_remove("RUST_LOG")
        .envs(environment.iter().copied())
        .stdout(std::fs::File::create(&output).expect("a file"))
        .spawn();
    let mut running = Running(child.expect("the marketplace starts"));
    let began = Instant::now();
    let status = loop {
        if let Some(status) = running.0.try_wait().expect("a child") {
            break status;
        }
        assert!(began.elapsed() < DEADLINE, "the marketplace does not end");
        std::thread::sleep(Duration::from_millis(20));
    };
    let text = std::fs::read_to_string(&output).expect("its output");
    let _ = std::fs::remove_file(&output);
    assert!(status.success(), "{status}\n{text}");
    text
}

fn tempfile() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let unique = format!(
        "marketplace-e2e-{}-{}.txt",
        std::process::id(),
        COUNT.fetch_add(1, Relaxed)
    );
    std::env::temp_dir().join(unique)
}

/// The totals in the line `traffic: journeys=40 requests=235 ..`.
fn traffic(text: &str) -> HashMap<&str, u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("traffic: "));
    let pairs = line.expect("the traffic's totals").split(' ');
    pairs
        .filter_map(|pair| {
            let (key, count) = pair.split_once('=')?;
            Some((key, count.parse().ok()?))
        })
        .collect()
}

/// The number of calls of a function and how many were cancelled, according to the summary.
fn calls(text: &str, function: &str) -> (u64, u64) {
    // In JSON, the summary is one record.
    let text = text.replace("\\n", "\n");
    let summary = &text[text.find("Summary").expect("a summary")..];
    let row = summary
        .lines()
        .find(|line| line.split_whitespace().next() == Some(function));
    let columns: Vec<_> = row
        .expect("the function's row")
        .split_whitespace()
        .collect();
    let number = |at: usize| columns[at].replace(',', "").parse().expect("a number");
    (number(1), number(3))
}

#[test]
fn telemetry_agrees_with_the_traffic() {
    let text = run(&[
        ("LOG_FORMAT", "json"),
        ("SUMMARY", "true"),
        ("TRACE_TREE", "false"),
    ]);
    let did = traffic(&text);
    assert!(did["payments_released"] >= 20, "{did:?}");
    let events = |name: &str| {
        let named = format!("\"event\":\"{name}\"");
        text.lines().filter(|line| line.contains(&named)).count() as u64
    };
    // The traffic's totals, the log and the summary agree.
    assert_eq!(events("payment.released"), did["payments_released"]);
    assert_eq!(
        calls(&text, "PaymentService::release").0,
        did["payments_released"]
    );
    assert_eq!(events("payment.failed"), did["declined"]);
    // Requests to both services: from the traffic, and from the marketplace to the notifications.
    let (requests, cancelled) = calls(&text, "http_server");
    assert_eq!(requests, did["requests"] + calls(&text, "notify").0);
    assert_eq!(cancelled, did["disconnects"]);
    for line in text
        .lines()
        .filter(|line| line.contains("\"event\":\"payment.released\""))
    {
        assert!(
            line.contains("\"trace_id\":\"") && line.contains("\"span_id\":\""),
            "{line}"
        );
        assert!(
            line.starts_with("{\"timestamp\":\"") && line.ends_with('}'),
            "{line}"
        );
        assert!(line.contains("\"service\":\"marketplace\""), "{line}");
    }
}

#[test]
fn a_terminal_shows_trees_errors_and_a_summary() {
    let text = run(&[("NO_COLOR", "1")]);
    for shown in [
        "POST /jobs http.response.status_code=200 [trace_id: ",
        "├─ authenticate (",
        "├─ ContractService::submit_completion (",
        "NotificationService::send_with_retry (",
        "• payment.released contract_id=",
        "Total: ",
        "Summary",
        "Business events",
        "payment.released",
        "AUTH_INVALID_TOKEN",
        "bids.response_time{trade=plumbing}",
        "payments.processing",
    ] {
        assert!(text.contains(shown), "{shown} is not in\n{text}");
    }
}

/// Starts the notifications in a separate process; also returns their address and output file.
fn notifications() -> (Running, String, PathBuf) {
    let output = tempfile();
    let child = Command::new(marketplace())
        .args(["--only", "notifications", "--port", "0"])
        .env_remove("RUST_LOG")
        .env("LOG_FORMAT", "json")
        .stdout(std::fs::File::create(&output).expect("a file"))
        .spawn();
    let running = Running(child.expect("the notifications start"));
    let began = Instant::now();
    loop {
        let text = std::fs::read_to_string(&output).expect("its output");
        let announced = text.split_once("notifications at http://");
        if let Some((address, _)) = announced.and_then(|(_, rest)| rest.split_once('"')) {
            return (running, address.to_owned(), output);
        }
        assert!(
            began.elapsed() < DEADLINE,
            "the notifications do not print their address"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn two_processes_write_one_trace() {
    let traces = |text: &str| -> HashSet<String> {
        let named = text.split("\"trace_id\":\"").skip(1);
        named
            .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
            .collect()
    };
    let (other, address, output) = notifications();
    let api = run_with(
        &["--only", "api", "--notifications", &address],
        &[("LOG_FORMAT", "json")],
    );
    // The notifications log only that their mail provider is busy, at every seventh request; the API logs the retry too.
    let text = std::fs::read_to_string(&output).expect("its output");
    drop(other);
    let _ = std::fs::remove_file(&output);
    let (theirs, ours) = (traces(&text), traces(&api));
    assert!(!theirs.is_empty(), "{text}");
    assert!(theirs.is_subset(&ours), "{theirs:?}");
}

#[test]
fn a_closed_output_pipe_is_not_an_error() {
    let traffic = ["--port", "0", "--traffic", "--duration", "1"];
    for arguments in [&["--help"][..], &traffic] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let child = Command::new(marketplace())
            .args(arguments)
            .env("INSTRUMENTAL_LIVE", "off")
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn();
        let output = child.and_then(Child::wait_with_output);
        let output = output.expect("the marketplace runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        assert!(!errors.contains("panicked"), "{arguments:?}: {errors}");
    }
}
