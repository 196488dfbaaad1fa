//! The manifest of a program, as `cargo instrumental` reads it.

use serde_json::{Value, json};
use std::process::Command;

fn manifest(environment: &[(&str, &str)]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_processes"))
        .arg("alerts")
        .env_clear()
        .env("INSTRUMENTAL_MANIFEST", "-")
        .env("INSTRUMENTAL_LIVE", "off")
        .envs(environment.iter().copied())
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{text}"
    );
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn named<'a>(manifest: &'a Value, list: &str, name: &str) -> &'a Value {
    let all = manifest[list].as_array().expect("a list");
    let found = all.iter().find(|entry| entry["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {list}: {manifest:#}"))
}

/// A matcher of a label.
fn is(label: &str, values: &[&str]) -> Value {
    json!({ "label": label, "is": "in", "values": values })
}

#[test]
fn a_ratio_of_functions_is_listed_as_written() {
    let manifest = manifest(&[]);
    assert_eq!(manifest["manifest"], 1);
    let functions = [
        is("function", &["Ledger::put", "Ledger::release"]),
        is("module", &["processes::alerts"]),
    ];
    let failures = is("class", &["retry", "server", "fatal"]);
    let [function, module] = functions.clone();
    assert_eq!(
        named(&manifest, "alerts", "a_ratio")["condition"],
        json!({
            "query": {
                "kind": "share",
                "part": [{ "metric": "function.errors", "where": [function, module, failures] }],
                "whole": [{ "metric": "function.duration", "where": functions }],
            },
            "window": 120, "compare": "above", "threshold": 0.05, "unit": "1", "lasting": 300, "past": null,
        })
    );
}

#[test]
fn conditions_of_every_kind_are_listed_as_written() {
    let manifest = manifest(&[]);
    let condition = |name: &str| &named(&manifest, "alerts", name)["condition"];
    let query = |name: &str| condition(name)["query"].clone();
    let city = json!([{ "metric": "process.by_city", "where": [is("city", &["a\"b"])] }]);
    assert_eq!(query("b_series"), json!({ "kind": "rate", "of": city }));
    assert_eq!(condition("b_series")["threshold"], 60.0 / 3600.0);
    assert_eq!(
        query("c_errors")["of"][0]["where"][2],
        is("error", &["ledger_down"])
    );
    let measure = json!([{ "metric": "alerts.paid.amount", "where": [] }]);
    assert_eq!(
        query("d_measure"),
        json!({ "kind": "total", "of": measure })
    );
    assert_eq!(condition("d_measure")["unit"], "{USD}");
    assert_eq!(query("e_past")["q"], 0.99);
    assert_eq!(
        (&condition("e_past")["past"], &condition("e_past")["unit"]),
        (&json!(604_800), &json!(""))
    );
    assert_eq!(
        (
            &condition("f_absent")["compare"],
            &condition("f_absent")["window"]
        ),
        (&json!("absent"), &json!(3600))
    );
    assert_eq!(
        query("g_requests")["of"]["where"][0],
        is("http.route", &["/jobs/{id}"])
    );
}

#[test]
fn signals_that_are_not_recorded_are_listed_as_unresolved() {
    let manifest = manifest(&[]);
    for (name, unresolved) in [
        ("a_ratio", json!([])),
        (
            "h_unresolved",
            json!(["`processes::alerts::unannotated` is not annotated with `#[traced]`"]),
        ),
        (
            "i_unit",
            json!(["`alerts.paid.amount` is measured in `{USD}`, not in `{EUR}`"]),
        ),
    ] {
        assert_eq!(named(&manifest, "alerts", name)["unresolved"], unresolved);
    }
    let alert = named(&manifest, "alerts", "a_ratio");
    assert_eq!(alert["notify"], json!(["#ledger", "ops"]));
    assert_eq!(
        alert["summary"],
        "A method of a generic type, and one of a trait."
    );
    assert!(
        alert["file"]
            .as_str()
            .is_some_and(|file| file.ends_with("alerts.rs"))
    );
}

#[test]
fn signals_are_listed_with_their_names_in_backends() {
    let manifest = manifest(&[]);
    let release = named(&manifest, "functions", "Ledger::release");
    assert_eq!(release["objective"]["latency"], 0.25);
    assert_eq!(
        (&release["slow"], &release["owner"]),
        (&json!(1), &json!("ledger"))
    );
    let took = named(&manifest, "metrics", "process.took");
    assert_eq!(
        (&took["prometheus"], &took["unit"]),
        (&json!("process_took_seconds"), &json!("s"))
    );
    let done = named(&manifest, "metrics", "process.done");
    assert_eq!(
        (&done["prometheus"], &done["origin"]),
        (&json!("process_done_total"), &json!("catalog"))
    );
    let wide = named(&manifest, "metrics", "process.wide");
    assert_eq!(
        wide["labels"][0]["values"],
        json!(["a", "b", "c", "d", "e"])
    );
    let errors = named(&manifest, "metrics", "function.errors");
    assert_eq!(
        (&errors["origin"], &errors["labels"][3]["limit"]),
        (&json!("library"), &json!(5))
    );
    assert_eq!(
        named(&manifest, "events", "alerts.paid")["measures"],
        json!(["alerts.paid.amount"])
    );
}

#[test]
fn settings_are_listed_with_their_errors_and_without_secrets() {
    let key = "0123456789abcdef";
    let manifest = manifest(&[
        ("SENTRY_DSN", "https://0123456789abcdef@o1.example.org/42"),
        (
            "DD_TRACE_AGENT_URL",
            "http://user:0123456789abcdef@agent:8126/?key=0123456789abcdef",
        ),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=0123456789abcdef"),
        ("HTTPS_PROXY", "http://user:0123456789abcdef@proxy:3128"),
        ("DD_TRACE_SAMPLE_RATE", "0.25"),
        ("TRACE_SAMPLE_RULES", "GET /health=0"),
        ("RUST_LOG", "warn,sqlx=off"),
        ("LOG_FORMAT", "xml"),
    ]);
    let config = &manifest["config"];
    assert_eq!(
        config["faults"],
        json!(["LOG_FORMAT is \"xml\", expected `pretty` or `json`"])
    );
    assert_eq!(
        (&config["sample_rate"], &config["log_filter"]),
        (&json!(0.25), &json!("warn,sqlx=off"))
    );
    assert_eq!(
        config["sample_rules"],
        json!([{ "name": "GET /health", "rate": 0 }])
    );
    let sentry = named(config, "backends", "sentry");
    assert_eq!(
        sentry["endpoints"][0]["address"],
        "https://o1.example.org:443/42"
    );
    let text = manifest.to_string();
    assert!(
        !text.contains(key) && text.contains("agent:8126") && text.contains("proxy:3128"),
        "{text}"
    );
    assert_eq!(named(config, "environment", "SENTRY_DSN")["value"], "…");
}

#[test]
fn expected_errors_are_not_failures() {
    let output = Command::new(env!("CARGO_BIN_EXE_processes"))
        .arg("alerts")
        .env_clear()
        .envs([
            ("SUMMARY", "false"),
            ("TRACE_TREE", "false"),
            ("INSTRUMENTAL_LIVE", "off"),
        ])
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    for line in ["not_found expected 1", "ledger_down server 1"] {
        assert!(
            text.lines().any(|printed| printed == line),
            "{line}: {text}"
        );
    }
}

#[test]
fn per_signal_settings_and_lists_of_exporters_are_honored() {
    let manifest = manifest(&[
        ("OTEL_METRICS_EXPORTER", "prometheus, otlp"),
        ("OTEL_LOGS_EXPORTER", "console"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc"),
    ]);
    let config = &manifest["config"];
    assert_eq!(config["faults"], json!([]));
    let endpoints = named(config, "backends", "otlp")["endpoints"].clone();
    assert_eq!(
        endpoints,
        json!([
            { "signal": "traces", "address": "http://localhost:4318/v1/traces" },
            { "signal": "metrics", "address": "http://localhost:4317" },
        ])
    );
    let page = &named(config, "backends", "prometheus")["endpoints"][0]["address"];
    assert!(page.to_string().contains(":9464"), "{page}");
}

#[test]
fn debug_output_of_settings_has_no_secrets() {
    use instrumental::{Datadog, Otlp, Sentry};
    let otlp = Otlp::default()
        .endpoint("http://user:hidden@collector:4318/?key=hidden")
        .header("x-key", "hidden");
    let datadog = Datadog::default()
        .agent("http://user:hidden@agent:8126/?key=hidden")
        .statsd("udp://hidden@statsd:8125");
    let sentry = Sentry::default().dsn("https://hidden@o1.example.org/42");
    let builder = instrumental::builder();
    let text = format!("{:?}", builder.otlp(otlp).datadog(datadog).sentry(sentry));
    for shown in ["collector:4318", "x-key", "agent:8126", "statsd:8125"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains("hidden"), "{text}");
}
