//! What programs print to the console: runs the programs of `processes/console.rs`.

use serde_json::Value;
use std::fs::File;
use std::process::{Command, Stdio};

/// The value that the programs put in every place that takes a user's value.
const HOSTILE: &str = "a\"b\\c\nERROR forged\r\u{1b}[31mred\u{0}\u{7f}\u{85}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{e0041}ü🦀";

pub(super) struct Output {
    pub(super) stdout: String,
    pub(super) stderr: String,
}

fn run_into(stdout: Stdio, program: &str, environment: &[(&str, &str)]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_console"))
        .arg(program)
        .env_clear()
        .env("INSTRUMENTAL_LIVE", "off")
        .envs(environment.iter().copied())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output);
    let output = output.expect("the program starts");
    let ran = Output {
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    assert!(output.status.success(), "{}{}", ran.stdout, ran.stderr);
    ran
}

pub(super) fn run(program: &str, environment: &[(&str, &str)]) -> Output {
    run_into(Stdio::piped(), program, environment)
}

fn json(program: &str, environment: &[(&str, &str)]) -> Vec<Value> {
    let environment = [&[("LOG_FORMAT", "json")], environment].concat();
    let ran = run(program, &environment);
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    ran.stdout.lines().map(parse).collect()
}

/// Lines of records, without trees and summary.
pub(super) fn pretty(program: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let environment = [
        &[("TRACE_TREE", "false"), ("SUMMARY", "false")],
        environment,
    ]
    .concat();
    let ran = run(program, &environment);
    ran.stdout.lines().map(str::to_owned).collect()
}

fn is_timestamp(text: &str) -> bool {
    let digits = text
        .bytes()
        .map(|b| if b.is_ascii_digit() { b'0' } else { b });
    digits.eq(*b"0000-00-00T00:00:00.000Z")
}

fn is_hex(value: &Value, digits: usize) -> bool {
    value.as_str().is_some_and(|text| {
        text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// Whether a line marks the begin or end of a call, which are logged at DEBUG and TRACE.
fn is_end_of_call(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.starts_with(['→', '←']))
}

#[test]
fn bytes_of_lines_are_counted_as_they_are_written() {
    for format in ["json", "pretty"] {
        let quiet = [("TRACE_TREE", "false"), ("SUMMARY", "false")];
        let environment = [&[("LOG_FORMAT", format), ("RUST_LOG", "debug")], &quiet[..]].concat();
        let ran = run("bytes", &environment);
        let sum = |of: &str| -> usize {
            let lines = ran.stderr.lines().filter(|line| line.starts_with(of));
            let counts = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok());
            counts.sum()
        };
        let written = ran.stdout.len();
        assert!(written > 1000, "{}", ran.stdout);
        assert_eq!(
            sum("instrumental.sent console logs "),
            written,
            "{format}: {}",
            ran.stderr
        );
        assert_eq!(
            sum("instrumental.logged "),
            written,
            "{format}: {}",
            ran.stderr
        );
        // Counted by target and level.
        assert!(
            sum("instrumental.logged console WARN ") > 0,
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn begin_and_end_of_calls_are_logged_at_debug_and_with_fields_at_trace() {
    for (level, with_fields) in [("debug", false), ("trace", true), ("info", false)] {
        let records = json("lines", &[("RUST_LOG", level)]);
        let ends = |arrow: &str| {
            let text = format!("{arrow} Service::slow");
            records
                .iter()
                .filter(|record| record["message"] == *text)
                .cloned()
                .collect::<Vec<_>>()
        };
        let (begun, ended) = (ends("→"), ends("←"));
        if level == "info" {
            assert!(begun.is_empty() && ended.is_empty());
            continue;
        }
        assert_eq!((begun.len(), ended.len()), (1, 1), "{level}");
        assert_eq!(ended[0]["outcome"], "ok");
        assert!(
            ended[0]["duration"]
                .as_f64()
                .is_some_and(|seconds| seconds >= 0.005)
        );
        assert_eq!(begun[0]["span_id"], ended[0]["span_id"]);
        assert_eq!(begun[0]["fields"].is_object(), with_fields, "{level}");
    }
}

#[test]
fn d07_one_file_has_every_line_and_another_the_errors() {
    let folder = std::env::temp_dir().join(format!("instrumental-log-dir-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let path = folder.to_str().expect("text");
    let console = json("lines", &[("LOG_DIR", path), ("DD_LOGS_INJECTION", "true")]);
    let read = |name: &str| -> Vec<Value> {
        let text = std::fs::read_to_string(folder.join(name)).expect("a file");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    };
    assert_eq!(read("combined.log"), console);
    let errors = read("error.log");
    assert!(!errors.is_empty() && errors.iter().all(|record| record["level"] == "ERROR"));
    // D07: the same ids under Datadog's names.
    let traced = errors
        .iter()
        .find(|record| record["trace_id"].is_string())
        .expect("one in a call");
    assert_eq!(traced["dd.trace_id"], traced["trace_id"]);
    let span = u64::from_str_radix(traced["span_id"].as_str().expect("text"), 16).expect("hex");
    assert_eq!(traced["dd.span_id"], span.to_string());
    assert_eq!(
        (&traced["status"], &traced["ddsource"]),
        (&"error".into(), &"rust".into())
    );
    for (key, same) in [("dd.service", "service"), ("dd.env", "env")] {
        assert_eq!(traced[key], traced[same]);
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn r09_a_folder_that_cannot_be_created_is_an_error() {
    let refused = Command::new(env!("CARGO_BIN_EXE_console"))
        .arg("lines")
        .env("LOG_DIR", "/proc/no/such/folder")
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && errors.contains("/proc/no/such/folder"),
        "{errors}"
    );
}

#[test]
fn lines_are_shipped_over_tcp() {
    use std::io::BufRead;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    let reader = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let lines = std::io::BufReader::new(stream).lines();
        lines
            .map(|line| serde_json::from_str(&line.expect("text")).expect("JSON"))
            .collect::<Vec<Value>>()
    });
    let console = json("lines", &[("LOG_TCP", &address)]);
    assert_eq!(reader.join().expect("no panic"), console);
}

/// Asserts the parts of the report of `Service::release`.
fn assert_error_report(report: &Value) {
    assert_eq!(
        (&report["level"], &report["error"]["type"]),
        (&"ERROR".into(), &"not_found".into())
    );
    assert_eq!(
        report["error"]["caused_by"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(report["function"], "Service::release");
    assert_eq!(report["stack"][0]["function"], "Service::release");
    assert!(report["stack"][0]["line"].as_u64().is_some());
    assert_eq!(report["fields"]["id"], HOSTILE);
    assert_eq!(report["user"]["id"], HOSTILE);
    assert_eq!(report["user"]["email"], "ann@example.org");
    assert_eq!(report["tags"]["city"], HOSTILE);
}

#[test]
fn r11_json_lines_are_records_with_unchanged_values() {
    let mut records = json("lines", &[("RUST_LOG", "debug")]);
    records.retain(|record| !is_end_of_call(record["message"].as_str()));
    let messages: Vec<_> = records
        .iter()
        .map(|record| record["message"].as_str())
        .collect();
    let refused = format!("no contract {HOSTILE}");
    assert_eq!(messages.len(), 8, "{messages:?}");
    assert_eq!(messages[0], Some(HOSTILE));
    assert_eq!(records[0]["fields"]["value"], HOSTILE);
    assert_eq!(records[0]["fields"]["number"], 7);
    let event = &records[3];
    assert_eq!(
        (&event["event"], &event["level"]),
        (&"payment.released".into(), &"INFO".into())
    );
    assert_eq!(event["fields"]["note"], HOSTILE);
    assert_eq!(event["fields"]["amount"], 12.5);
    let report = &records[4];
    assert_eq!(messages[4], Some(&*refused));
    assert_error_report(report);
    assert_eq!(
        (&event["trace_id"], &event["span_id"]),
        (&report["trace_id"], &report["span_id"])
    );
    assert!(is_hex(&report["trace_id"], 32) && is_hex(&report["span_id"], 16));
    assert_eq!(messages[5], Some(HOSTILE));
    assert_eq!(records[6]["extra"]["by hand"], HOSTILE);
    // A slow call is not an error, and has its recorded fields.
    assert_eq!(
        (&records[7]["level"], &records[7]["fields"]["rows"]),
        (&"WARN".into(), &9.into())
    );
    assert!(records[7]["error"].is_null());
    assert!(records[0]["trace_id"].is_null());
}

#[test]
fn every_json_line_has_a_timestamp_a_level_and_a_service() {
    let environment = [
        ("DD_SERVICE", "shop"),
        ("DD_ENV", "staging"),
        ("DD_VERSION", "1.2.3"),
        ("SUMMARY", "true"),
        ("TRACE_TREE", "true"),
    ];
    let records = json("plain", &environment);
    for record in &records {
        assert!(
            is_timestamp(record["timestamp"].as_str().expect("a text")),
            "{record}"
        );
        let service = ["service", "env", "version"].map(|key| record[key].as_str());
        assert_eq!(service, [Some("shop"), Some("staging"), Some("1.2.3")]);
        assert!(record["level"].is_string() && record["target"].is_string());
    }
    // Trees and the summary, if turned on, are records too.
    let last = records.last().and_then(|record| record["message"].as_str());
    assert!(
        last.is_some_and(|text| text.starts_with("Summary\n")),
        "{last:?}"
    );
}

#[test]
fn r11_pretty_writes_one_line_per_record() {
    let mut lines = pretty("lines", &[("RUST_LOG", "debug")]);
    lines.retain(|line| !is_end_of_call(line.get(31..)));
    assert_eq!(lines.len(), 8, "{lines:#?}");
    for line in &lines {
        assert!(is_timestamp(&line[..24]), "{line}");
        assert!(
            !line
                .chars()
                .any(|c| c.is_control() || "\u{2028}\u{202e}\u{feff}".contains(c))
        );
    }
    let levels: Vec<_> = lines.iter().map(|line| line[25..30].trim()).collect();
    assert_eq!(
        levels,
        [
            "INFO", "WARN", "DEBUG", "INFO", "ERROR", "INFO", "ERROR", "WARN"
        ]
    );
}

#[test]
fn a_report_has_everything_that_is_known() {
    let lines = pretty("plain", &[]);
    let report = lines
        .iter()
        .find(|line| line.contains("not_found"))
        .expect("reported");
    for part in [
        "ERROR not_found: no contract seven, caused by: an error occurred",
        "in Service::release id=seven user.id=seven user.email=ann@example.org city=seven",
        "at Service::release (",
        "processes/console.rs:",
        " trace_id=",
        " span_id=",
    ] {
        assert!(report.contains(part), "{part} in {report}");
    }
    let slow = lines.last().expect("lines");
    assert!(
        slow.contains("over its limit of 0.001 s in Service::slow rows=9"),
        "{slow}"
    );
    assert!(lines[2].contains("INFO payment.released amount=12.5 note=seven trace_id="));
}

#[test]
fn x14_x16_an_evil_debug_does_not_affect_other_fields() {
    let records = json("plain", &[("RUST_LOG", "debug")]);
    assert_eq!(records[1]["fields"]["evil"], "<panicked>");
    assert_eq!(records[1]["fields"]["after"], 1);
    assert_eq!(records[2]["fields"]["evil"], "<failed to format>");
    assert_eq!(records[2]["fields"]["float"], "NaN");
    assert_eq!(records[3]["event"], "payment.released");
}

#[test]
fn level_filters_apply() {
    let errors = pretty("plain", &[("LOG_LEVEL", "error")]);
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert!(errors.iter().all(|line| line.contains(" ERROR ")));
    assert_eq!(
        pretty("plain", &[("RUST_LOG", "off")]),
        Vec::<String>::new()
    );
}

#[test]
fn x21_a_full_disk_is_counted() {
    let full = File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux");
    let ran = run_into(full.into(), "closed", &[]);
    // 10,000 lines and the summary.
    assert!(
        ran.stderr.contains("console_failed 10001"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_closed_pipe_is_counted() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let ran = run_into(writer.into(), "closed", &[("SUMMARY", "false")]);
    assert!(
        ran.stderr.contains("console_failed 10000"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

#[test]
fn r20_nothing_is_logged_about_logging() {
    let ran = run("idle", &[("RUST_LOG", "trace"), ("SUMMARY", "false")]);
    assert_eq!(ran.stdout, "");
}
