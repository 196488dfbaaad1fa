//! Further faults, and other ways to run the doctor.

use crate::only;
use crate::setup::{self, KEY, PROGRAM, Setup, answer};
use instrumental_tests::stub::Mode;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

/// Serves an Agent on a Unix socket.
fn agent_at(path: &std::path::Path) {
    let listener = std::os::unix::net::UnixListener::bind(path).expect("a socket");
    let serve = move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            // This thread ends with its connection, the outer one with the test process.
            std::thread::spawn(move || {
                while let Some((head, _)) = instrumental_tests::stub::read(&mut stream) {
                    let _ = stream.write_all(setup::agent(&head).as_bytes());
                }
            });
        }
    };
    std::thread::spawn(serve);
}

#[test]
fn data_that_the_backend_refuses_is_reported() {
    let setup = Setup::healthy();
    setup
        .sentry
        .set(Mode::Respond(|head| match head.starts_with("post ") {
            true => answer("403 Forbidden", "", "", 0),
            false => setup::sentry(head),
        }));
    let report = setup.doctor(&[]);
    assert_eq!(
        report.found(),
        ["round_trip.sentry.errors", "round_trip.sentry.spans"],
        "{}",
        report.text
    );
    let found = report.check("round_trip.sentry.errors").to_string();
    assert!(
        found.contains("HTTP 403") && found.contains("send_error: 1") && found.contains("DSN"),
        "{found}"
    );
}

#[test]
fn weak_tls_secrets_in_tags_and_a_taken_port() {
    let mut setup = Setup::healthy();
    setup.set("SSL_VERIFY", "false");
    only(&setup.doctor(&[]), "ssl_verify", &["certificates"]);
    setup.set("SSL_VERIFY", "");
    setup.set("DD_TAGS", "team:core,api_key:abcdef123");
    let report = setup.doctor(&[]);
    only(&report, "secrets", &["`api_key` of DD_TAGS"]);
    assert!(!report.text.contains("abcdef123"), "{}", report.text);
    setup.set("DD_TAGS", "");
    // Another server holds the port of the pages.
    let other = instrumental_tests::stub::Stub::start(Mode::Status(
        "200 OK",
        "Content-Type: text/html\r\n",
    ));
    other.set(Mode::Respond(|_| answer("200 OK", "", "<html>", 0)));
    setup.set("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1");
    setup.set("PROMETHEUS_PORT", &other.address().port().to_string());
    only(
        &setup.doctor(&[]),
        "prometheus.page",
        &["something else", "PROMETHEUS_PORT"],
    );
}

#[test]
fn a_saved_manifest_is_checked_too() {
    let setup = Setup::healthy();
    let saved = setup.folder.join("manifest.json");
    let manifest = setup.run(&["manifest"]);
    std::fs::write(&saved, &manifest.text).expect("written");
    let saved = saved.display().to_string();
    let report = setup.run_on(&["--manifest", &saved], &["doctor", "--json"]);
    assert_eq!(
        (report.found(), report.code),
        (Vec::new(), 0),
        "{}",
        report.text
    );
    assert!(
        report.check("round_trip")["fact"]
            .as_str()
            .is_some_and(|why| why.contains("saved manifest"))
    );
    // An unreadable manifest is an error of the tool, not a finding.
    let report = setup.run_on(&["--manifest", PROGRAM], &["doctor", "--json"]);
    assert_eq!(
        (report.code, report.text.as_str()),
        (2, ""),
        "{}",
        report.errors
    );
}

#[test]
fn a_variable_that_needs_a_missing_feature_is_reported() {
    let setup = Setup::healthy();
    let mut manifest: Value = setup.run(&["manifest"]).json();
    manifest["config"]["features"] = serde_json::json!(["logs", "datadog", "otlp"]);
    let saved = setup.folder.join("manifest.json");
    std::fs::write(&saved, manifest.to_string()).expect("written");
    let saved = saved.display().to_string();
    only(
        &setup.run_on(&["--manifest", &saved], &["doctor", "--json"]),
        "features",
        &["SENTRY_DSN", "`sentry`"],
    );
    // No backend at all.
    manifest["config"]["backends"] = serde_json::json!([]);
    manifest["config"]["environment"] = serde_json::json!([]);
    std::fs::write(&saved, manifest.to_string()).expect("written");
    only(
        &setup.run_on(&["--manifest", &saved], &["doctor", "--json"]),
        "backends",
        &["none is on"],
    );
}

#[test]
fn an_agent_on_a_unix_socket_is_checked_too() {
    let mut setup = Setup::healthy();
    let path = setup.folder.join("apm.socket");
    setup.set("DD_TRACE_AGENT_URL", &format!("unix://{}", path.display()));
    only(
        &setup.doctor(&[]),
        "datadog",
        &["no such file", "apm_config.receiver_socket"],
    );
    agent_at(&path);
    let report = setup.doctor(&[]);
    assert_eq!(report.found(), Vec::<String>::new(), "{}", report.text);
    assert!(
        report.check("datadog.answer")["fact"]
            .to_string()
            .contains("7.70.0")
    );
    assert_eq!(report.check("round_trip.datadog.spans")["verdict"], "ok");
}

#[test]
fn a_failed_tls_handshake_is_reported() {
    let mut setup = Setup::healthy();
    // The server answers, but in plain text.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    setup.set("SENTRY_DSN", &format!("https://{KEY}@{at}/42"));
    only(
        &setup.doctor(&[]),
        "sentry.answer",
        &["no secure connection"],
    );
}

#[test]
fn a_misspelled_variable_is_reported() {
    let mut setup = Setup::healthy();
    setup.set("SENTRY_DNS", "https://key@sentry.example/1");
    // A variable of other programs, close to none of ours.
    setup.set("DD_API_KEY", "0123456789abcdef");
    only(
        &setup.doctor(&["--offline"]),
        "spelling",
        &["SENTRY_DNS", "SENTRY_DSN"],
    );
}
