//! `cargo instrumental ready`.

use crate::setup::{Report, Service, Setup, answer, sentry};
use instrumental_tests::stub::{Mode, Stub};
use serde_json::{Value, json};

/// The verdict of the named line.
fn verdict(report: &Report, name: &str) -> String {
    report.check(name)["verdict"]
        .as_str()
        .expect("a verdict")
        .to_owned()
}

const LINES: [&str; 16] = [
    "Sentry project created and DSN configured",
    "Datadog Agent deployed and running",
    "Alert rules configured",
    "Dashboard created",
    "Log aggregation set up",
    "Performance baselines established",
    "Deploy with monitoring enabled",
    "Verify error tracking working (test error)",
    "Verify metrics flowing",
    "Check alerts are firing correctly",
    "Review dashboards",
    "Monitor error rate (below 0.5%)",
    "Monitor API latency (p95 below 200 ms)",
    "Review performance profiles",
    "Check payment processing metrics",
    "Verify notification delivery",
];

/// Saves the program's manifest with the given alerts; returns its path.
fn saved(setup: &Setup, alerts: Value) -> String {
    let mut manifest = setup.run(&["manifest"]).json();
    manifest["alerts"] = alerts;
    let file = setup.folder.join("manifest.json");
    std::fs::write(&file, manifest.to_string()).expect("written");
    file.display().to_string()
}

fn alert(runbook: &str, unresolved: &[&str]) -> Value {
    json!([{
        "name": "payments_down", "severity": "P1", "summary": "", "impact": "", "owner": "payments", "runbook": runbook,
        "notify": [], "file": "src/a.rs", "line": 1, "module": "doctored", "unresolved": unresolved,
        "condition": {
            "query": { "kind": "increase", "of": [{ "metric": "function.errors" }] }, "window": 60.0,
            "compare": "above", "threshold": 1.0, "unit": "", "lasting": 60.0, "past": null
        }
    }])
}

#[test]
fn every_line_of_the_list_is_reported_with_evidence() {
    let setup = Setup::healthy();
    let service = Service::start(&[]);
    // One request, so that the figures have data.
    let report = setup.doctor(&["--service", &service.url, "--metrics", &service.metrics]);
    assert_eq!(report.code, 0, "{}", report.text);
    let report = setup.run(&["ready", "--json", "--metrics", &service.metrics]);
    let lines = report.all(|_| true);
    let names: Vec<_> = lines
        .iter()
        .map(|line| line["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, LINES);
    for line in &lines {
        assert_ne!(line["fact"], "", "{line}");
        assert_eq!(line["verdict"] == "ok", line["remedy"] == "", "{line}");
    }
    for name in [0, 1, 4, 5, 6, 7, 11, 12, 14, 15] {
        assert_eq!(
            verdict(&report, LINES[name]),
            "ok",
            "{}",
            report.check(LINES[name])
        );
    }
    // Datagrams, dashboards and profiles need a person's judgment.
    for name in [3, 8, 10, 13] {
        assert_eq!(
            verdict(&report, LINES[name]),
            "person",
            "{}",
            report.check(LINES[name])
        );
    }
    let payments = report.check(LINES[14])["fact"].to_string();
    assert!(payments.contains("payment.released 1"), "{payments}");
    let delivery = report.check(LINES[15])["fact"].to_string();
    assert!(delivery.contains("notify: 0 of 1 (0.00%)"), "{delivery}");
}

#[test]
fn the_alerts_line_fails_unless_every_alert_is_complete() {
    let setup = Setup::healthy();
    let ready = |alerts: Value, more: &[&str]| {
        let file = saved(&setup, alerts);
        setup.run_on(
            &["--manifest", &file],
            &[&["ready", "--json", "--offline"], more].concat(),
        )
    };
    for (alerts, verdict, word) in [
        (json!([]), "fail", "declares no alert"),
        (alert("", &[]), "fail", "has no runbook"),
        (
            alert("docs/a.md", &["there is no metric `x`"]),
            "fail",
            "there is no metric `x`",
        ),
        (alert("docs/a.md", &[]), "ok", "1 are declared"),
    ] {
        let report = ready(alerts, &[]);
        let line = report.check(LINES[2]);
        assert_eq!(line["verdict"], verdict, "{line}");
        assert!(
            line["fact"]
                .as_str()
                .is_some_and(|fact| fact.contains(word)),
            "{line}"
        );
        assert_eq!(report.code, i32::from(verdict == "fail"), "{}", report.text);
    }
    // A line that was not checked does not pass.
    let report = ready(alert("docs/a.md", &[]), &[]);
    for name in [0, 1, 4, 7, 8, 9, 11, 12, 15] {
        assert_eq!(
            verdict(&report, LINES[name]),
            "person",
            "{}",
            report.check(LINES[name])
        );
    }
    // A folder without tests.
    let folder = setup.folder.display().to_string();
    let report = ready(alert("docs/a.md", &[]), &["--alerts", &folder]);
    assert_eq!(verdict(&report, LINES[9]), "fail");
}

fn page(head: &str) -> String {
    assert!(head.starts_with("get /metrics "));
    let page = "\
# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_bucket{http_response_status_code=\"200\",le=\"0.1\"} 900
http_server_request_duration_seconds_bucket{http_response_status_code=\"200\",le=\"0.4\"} 990
http_server_request_duration_seconds_bucket{http_response_status_code=\"200\",le=\"+Inf\"} 990
http_server_request_duration_seconds_count{http_response_status_code=\"200\"} 990
http_server_request_duration_seconds_bucket{http_response_status_code=\"503\",le=\"0.1\"} 10
http_server_request_duration_seconds_bucket{http_response_status_code=\"503\",le=\"+Inf\"} 10
http_server_request_duration_seconds_count{http_response_status_code=\"503\"} 10
function_duration_seconds_count{function=\"notify\",outcome=\"ok\"} 80
function_duration_seconds_count{function=\"notify\",outcome=\"error\"} 20
";
    answer("200 OK", "Content-Type: text/plain\r\n", page, 0)
}

#[test]
fn figures_beyond_their_limits_fail() {
    let mut setup = Setup::healthy();
    let service = Stub::start(Mode::Respond(page));
    let metrics = format!("http://{}", service.address());
    let report = setup.run(&["ready", "--json", "--metrics", &metrics]);
    assert_eq!(report.code, 1);
    for (line, word) in [
        (11, "10 of 1000 (1.00%)"),
        (12, "p95 is 233 ms"),
        (15, "20 of 100 (20.00%)"),
    ] {
        let line = report.check(LINES[line]);
        assert_eq!(line["verdict"], "fail", "{line}");
        assert!(
            line["fact"]
                .as_str()
                .is_some_and(|fact| fact.contains(word)),
            "{line}"
        );
    }
    // A backend that refuses the test error, then one that is off.
    setup
        .sentry
        .set(Mode::Respond(|head| match head.starts_with("post ") {
            true => answer("401 Unauthorized", "", "", 0),
            false => sentry(head),
        }));
    let report = setup.run(&["ready", "--json"]);
    assert_eq!(
        verdict(&report, LINES[7]),
        "fail",
        "{}",
        report.check(LINES[7])
    );
    setup.set("SENTRY_DSN", "");
    let report = setup.run(&["ready", "--json"]);
    assert_eq!(
        verdict(&report, LINES[0]),
        "fail",
        "{}",
        report.check(LINES[0])
    );
    let text = setup.run(&["ready"]);
    assert!(
        text.text.contains("Post-Deployment\n") && text.text.contains("PERSON"),
        "{}",
        text.text
    );
}

#[test]
fn promtool_checks_whether_alerts_fire() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut setup = Setup::healthy();
    let file = saved(&setup, alert("docs/a.md", &[]));
    let rules = setup.folder.join("rules/prometheus");
    std::fs::create_dir_all(&rules).expect("a folder");
    std::fs::write(rules.join("alerts_test.yml"), "").expect("written");
    let folder = setup.folder.join("rules").display().to_string();
    let bin = setup.folder.join("bin");
    std::fs::create_dir_all(&bin).expect("a folder");
    setup.set("PATH", &bin.display().to_string());
    for (script, verdict, word) in [
        ("", "person", "not installed"),
        (
            "#!/bin/sh\n[ \"$1 $2\" = \"test rules\" ] && [ -f \"$3\" ]\n",
            "ok",
            "1 files of tests",
        ),
        (
            "#!/bin/sh\necho FAILED: payments_down >&2\nexit 1\n",
            "fail",
            "FAILED: payments_down",
        ),
    ] {
        if !script.is_empty() {
            let tool = bin.join("promtool");
            std::fs::write(&tool, script).expect("written");
            std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755))
                .expect("a program");
        }
        let report = setup.run_on(
            &["--manifest", &file],
            &["ready", "--json", "--offline", "--alerts", &folder],
        );
        let line = report.check(LINES[9]);
        assert_eq!(line["verdict"], verdict, "{line}");
        assert!(line["fact"].to_string().contains(word), "{line}");
    }
}
