//! Runs each program of `processes` in a separate process, because `init` acts on the whole process.

use instrumental_tests::statsd::{Statsd, total};
use instrumental_tests::stub::{Mode, Stub};
use std::collections::HashSet;
use std::process::{Command, Output};

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_processes"));
    command
        .args(arguments)
        .env_clear()
        .env("INSTRUMENTAL_LIVE", "off")
        .envs(environment.iter().copied());
    let output = command.output().expect("the program starts");
    assert!(
        output.status.success(),
        "{arguments:?}: {}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

#[test]
fn a_call_whose_span_a_library_enters_ends_once() {
    let output = run(&["call_span_entered"], &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    // The call on the library's thread is a child of the annotated call.
    assert!(text.contains("entered_again id=3"), "{text}");
    assert!(text.contains("└─ work"), "{text}");
}

#[test]
fn f12_check_reports_a_future_that_cannot_be_measured() {
    run(&["unmeasured"], &[]);
}

#[test]
fn r15_a_second_init_is_an_error_that_names_the_first() {
    run(&["twice"], &[]);
}

#[test]
fn r15_concurrent_inits_succeed_once() {
    run(&["at_once"], &[]);
}

#[test]
fn p08_handles_obtained_before_init_count_after_it() {
    run(&["handles_before"], &[]);
}

#[test]
fn a_recorder_installed_after_the_first_call_receives_metrics() {
    run(&["own_recorder"], &[]);
}

#[test]
fn p06_r12_counters_are_exact_and_memory_does_not_grow() {
    run(&["exact_and_bounded"], &[("SUMMARY", "false")]);
}

#[test]
fn ten_thousand_series_fit_and_the_rest_overflows() {
    run(&["series"], &[("SUMMARY", "false")]);
}

#[test]
fn r21_shutdown_completes_in_every_runtime() {
    for runtime in ["current_thread", "one_worker", "guard_in_async", "none"] {
        run(&["runtimes", runtime], &[]);
    }
}

#[test]
fn r16_wrong_settings_are_one_error_that_lists_them_all() {
    let environment = [
        ("RUST_LOG", "shop=loud"),
        ("LOG_FORMAT", "xml"),
        ("SUMMARY", "maybe"),
        ("SENTRY_DSN", "not_a_dsn"),
        ("DD_DOGSTATSD_PORT", "70000"),
        ("DD_TRACE_AGENT_URL", "agent:8126"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
        ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "pigeon"),
        ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "1s"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a key"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector?key=1"),
        ("OTEL_TRACES_EXPORTER", "otlp,zipkin"),
    ];
    let output = run(&["wrong_settings"], &environment);
    let text = String::from_utf8_lossy(&output.stdout);
    for fault in [
        "RUST_LOG is \"shop=loud\"",
        "LOG_FORMAT is \"xml\", expected `pretty` or `json`",
        "SUMMARY is \"maybe\"",
        "SENTRY_DSN is ",
        "DD_DOGSTATSD_PORT is \"70000\"",
        "DD_TRACE_AGENT_URL is \"agent:8126\"",
        "OTEL_EXPORTER_OTLP_ENDPOINT is \"localhost:4318\"",
        "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL is \"pigeon\", expected `http/protobuf` or `grpc`",
        "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT is \"1s\", expected a whole number of milliseconds",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS is \"…\"",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is \"collector\"",
        "OTEL_TRACES_EXPORTER is \"otlp,zipkin\"",
        "sample_rate is \"NaN\", expected a number from 0 to 1",
    ] {
        assert!(text.contains(fault), "{fault} in {text}");
    }
}

#[test]
fn x18_shutdown_sends_the_last_counts() {
    let server = Statsd::start();
    let environment = [("DD_DOGSTATSD_URL", server.url()), ("RUST_LOG", "off")];
    run(&["drops_the_guard"], &environment);
    let lines = server.lines();
    assert_eq!(total(&lines, "process.done"), 12_000);
    assert_eq!(total(&lines, "function.duration"), 4000);
    assert_eq!(total(&lines, "function.errors"), 1000);
}

#[test]
fn r18_a_forked_child_neither_hangs_nor_sends() {
    let server = Statsd::start();
    let environment = [
        ("DD_DOGSTATSD_URL", server.url()),
        ("DD_DOGSTATSD_FLUSH_INTERVAL", "0.001"),
        ("LOG_FORMAT", "json"),
    ];
    let output = run(&["forks"], &environment);
    let text = String::from_utf8_lossy(&output.stderr);
    let made = text.trim().strip_prefix("made ").expect("a number");
    let lines = server.lines();
    assert_eq!(total(&lines, "process.done").to_string(), made);
    assert!(!lines.iter().any(|line| line.contains("child")));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.lines().count() > 0 && !text.contains("of a child"));
    let different: HashSet<&str> = text.lines().collect();
    assert_eq!(different.len(), text.lines().count());
}

#[test]
fn c09_a_hook_may_capture_flush_and_shut_down() {
    let stub = Stub::start(Mode::Status("200 OK", ""));
    let dsn = format!("http://key@{}/1", stub.address());
    run(&["re_entered"], &[("SENTRY_DSN", &dsn)]);
}

#[test]
fn f60_a_failure_that_is_logged_after_its_call_is_one_event() {
    let stub = Stub::start(Mode::Status("200 OK", ""));
    let dsn = format!("http://key@{}/1", stub.address());
    let output = run(&["logged"], &[("SENTRY_DSN", &dsn), ("LOG_FORMAT", "json")]);
    let text = String::from_utf8_lossy(&output.stdout);
    let events: Vec<&str> = text.lines().filter(|line| !line.starts_with('{')).collect();
    let mut expected: Vec<String> = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 20, 21, 23, 30, 31]
        .into_iter()
        // Of the storm, only the reports that were not throttled.
        .chain([100, 100, 101, 101, 102])
        .map(|code| format!("the bank says no to number {code}"))
        .collect();
    expected.extend(
        [
            "a panic of number 22",
            "line: something else",
            "line: never captured",
        ]
        .map(str::to_owned),
    );
    expected.sort();
    assert_eq!(events, expected);
}

#[test]
fn c10_without_a_dsn_nothing_is_opened_or_called() {
    let off = ("INSTRUMENTAL_LIVE", "off");
    run(&["without_a_dsn"], &[off]);
    for dsn in ["", "  "] {
        run(&["without_a_dsn"], &[off, ("SENTRY_DSN", dsn)]);
    }
    run(&["without_receivers"], &[]);
}

#[test]
fn x13_x14_x15_an_evil_argument_does_not_affect_the_call() {
    for format in ["json", "pretty"] {
        let environment = [("RUST_LOG", "trace"), ("LOG_FORMAT", format)];
        let output = run(&["evil_arguments"], &environment);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("<panicked>") && text.contains("<failed to format>"));
        let whole = |line: &str| line.starts_with('{') && line.ends_with('}');
        assert!(format != "json" || text.lines().all(whole), "{text}");
    }
}
