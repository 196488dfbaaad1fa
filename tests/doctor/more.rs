//! Other things that are wrong, and other ways to look.

use crate::only;
use crate::setup::{self, KEY, PROGRAM, Setup, answer};
use instrumental_tests::stub::Mode;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

/// An Agent on a Unix socket.
fn agent_at(path: &std::path::Path) {
    let listener = std::os::unix::net::UnixListener::bind(path).expect("a socket");
    let serve = move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            // Ends with its connection; the thread ends with the test.
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
fn what_is_refused_on_the_way_in_is_told() {
    let setup = Setup::healthy();
    setup
        .sentry
        .set(Mode::Made(|head| match head.starts_with("post ") {
            true => answer("403 Forbidden", "", "", 0),
            false => setup::sentry(head),
        }));
    let told = setup.doctor(&[]);
    assert_eq!(
        told.found(),
        ["round_trip.sentry.errors", "round_trip.sentry.spans"],
        "{}",
        told.text
    );
    let found = told.check("round_trip.sentry.errors").to_string();
    assert!(
        found.contains("HTTP 403") && found.contains("send_error: 1") && found.contains("DSN"),
        "{found}"
    );
}

#[test]
fn other_things_that_are_wrong() {
    let mut setup = Setup::healthy();
    setup.set("SSL_VERIFY", "false");
    only(&setup.doctor(&[]), "ssl_verify", &["certificates"]);
    setup.set("SSL_VERIFY", "");
    setup.set("DD_TAGS", "team:core,api_key:abcdef123");
    let told = setup.doctor(&[]);
    only(&told, "secrets", &["`api_key` of DD_TAGS"]);
    assert!(!told.text.contains("abcdef123"), "{}", told.text);
    setup.set("DD_TAGS", "");
    // Somebody else has the port of the pages.
    let other = instrumental_tests::stub::Stub::start(Mode::Status(
        "200 OK",
        "Content-Type: text/html\r\n",
    ));
    other.set(Mode::Made(|_| answer("200 OK", "", "<html>", 0)));
    setup.set("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1");
    setup.set("PROMETHEUS_PORT", &other.address().port().to_string());
    only(
        &setup.doctor(&[]),
        "prometheus.page",
        &["something else", "PROMETHEUS_PORT"],
    );
}

#[test]
fn a_saved_manifest_is_looked_at_too() {
    let setup = Setup::healthy();
    let saved = setup.folder.join("manifest.json");
    let manifest = setup.run(&["manifest"]);
    std::fs::write(&saved, &manifest.text).expect("written");
    let saved = saved.display().to_string();
    let told = setup.run_on(&["--manifest", &saved], &["doctor", "--json"]);
    assert_eq!((told.found(), told.code), (Vec::new(), 0), "{}", told.text);
    assert!(
        told.check("round_trip")["fact"]
            .as_str()
            .is_some_and(|why| why.contains("saved manifest"))
    );
    // One that cannot be read is no finding: the tool could not work.
    let told = setup.run_on(&["--manifest", PROGRAM], &["doctor", "--json"]);
    assert_eq!((told.code, told.text.as_str()), (2, ""), "{}", told.errors);
}

#[test]
fn features_that_a_variable_asks_for_are_missed() {
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
    // And no backend at all.
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
fn an_agent_on_a_socket_is_asked_too() {
    let mut setup = Setup::healthy();
    let path = setup.folder.join("apm.socket");
    setup.set("DD_TRACE_AGENT_URL", &format!("unix://{}", path.display()));
    only(
        &setup.doctor(&[]),
        "datadog",
        &["no such file", "apm_config.receiver_socket"],
    );
    agent_at(&path);
    let told = setup.doctor(&[]);
    assert_eq!(told.found(), Vec::<String>::new(), "{}", told.text);
    assert!(
        told.check("datadog.answer")["fact"]
            .to_string()
            .contains("7.70.0")
    );
    assert_eq!(told.check("round_trip.datadog.spans")["verdict"], "ok");
}

#[test]
fn no_secure_connection_is_told_as_such() {
    let mut setup = Setup::healthy();
    // It speaks, but not TLS.
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
fn a_misspelt_variable_is_told() {
    let mut setup = Setup::healthy();
    setup.set("SENTRY_DNS", "https://key@sentry.example/1");
    // Of other programs, and not near to any that is asked for.
    setup.set("DD_API_KEY", "0123456789abcdef");
    only(
        &setup.doctor(&["--offline"]),
        "spelling",
        &["SENTRY_DNS", "SENTRY_DSN"],
    );
}
