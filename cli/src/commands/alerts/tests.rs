//! The files of the shop's alerts, and errors. `tests/conformance` checks the files with the systems themselves.

use super::{Alerts, Deployment, rules, unresolved};
use crate::query::tests::shop;
use clap::{Args as _, FromArgMatches as _};
use instrumental_manifest::{Alert, Manifest, MatchOperator, Matcher, Query, Selection, Severity};
use serde_json::Value;
use std::path::PathBuf;

fn parsed(arguments: &[&str]) -> Result<Alerts, clap::Error> {
    let parser = Alerts::augment_args(clap::Command::new("alerts").no_binary_name(true));
    Alerts::from_arg_matches(&parser.try_get_matches_from(arguments)?)
}

fn command(arguments: &[&str]) -> Alerts {
    parsed(arguments).expect("the shop is valid")
}

pub(super) fn deployment(manifest: &Manifest) -> Deployment<'_> {
    Deployment {
        manifest,
        job: None,
        environment: "production",
        links: Some("https://git.example/main/"),
        grafana: Some("https://grafana.example"),
    }
}

fn written(manifest: &Manifest, arguments: &[&str]) -> Vec<(&'static str, String)> {
    command(arguments)
        .files(manifest)
        .expect("the shop is valid")
        .0
}

fn error_of(manifest: &Manifest) -> String {
    command(&[])
        .files(manifest)
        .expect_err("an error")
        .to_string()
}

pub(super) fn alert<'m>(manifest: &'m mut Manifest, name: &str) -> &'m mut Alert {
    manifest
        .alerts
        .iter_mut()
        .find(|alert| alert.name == name)
        .expect("the shop is valid")
}

#[test]
fn a_rule_has_the_format_of_prometheus() {
    let shop = shop();
    let rule = rules::of(&deployment(&shop), &shop.alerts[0])
        .expect("the shop is valid")
        .value("shop");
    let expected: Value = serde_json::from_str(
        r#"{
        "alert": "PaymentSystemDown",
        "expr": "((sum(rate(function_duration_seconds_count{function=\"PaymentService::release\",module=\"shop::payments\",outcome=~\"error|panicked\"}[5m])) or 0 * sum(rate(function_duration_seconds_count{function=\"PaymentService::release\",module=\"shop::payments\"}[5m]))) / sum(rate(function_duration_seconds_count{function=\"PaymentService::release\",module=\"shop::payments\"}[5m])) >= 0) > 0.05",
        "for": "5m",
        "labels": {"severity": "P1", "service": "shop", "team": "payments"},
        "annotations": {
            "summary": "Payments fail.",
            "description": "The share of failed calls of PaymentService::release in calls of PaymentService::release over 5 min is above 5%, for 5 min.",
            "impact": "Users cannot complete jobs.",
            "runbook_url": "https://git.example/main/docs/runbooks.md#payments",
            "dashboard_url": "https://grafana.example/dashboards?query=shop",
            "source": "src/alerts.rs:10"
        }
    }"#,
    )
    .expect("the shop is valid");
    assert_eq!(rule, expected);
}

#[test]
fn conditions_as_expressions() {
    let shop = shop();
    let deployment = deployment(&shop);
    let expression = |name: &str| {
        let alert = shop
            .alerts
            .iter()
            .find(|alert| alert.name == name)
            .expect("the shop is valid");
        rules::of(&deployment, alert)
            .expect("the shop is valid")
            .expression
    };
    assert_eq!(
        expression("no_bids"),
        "(sum((max_over_time(bids_submitted_total[5m]) unless max_over_time(bids_submitted_total[1h] offset 5m)) or \
         increase(bids_submitted_total[5m])) or vector(0)) == 0"
    );
    assert_eq!(
        expression("fewer_bids"),
        "(sum(rate(bids_submitted_total[1h])) or vector(0)) < 0.5 * sum(rate(bids_submitted_total[1h] offset 1w))"
    );
    assert_eq!(
        expression("little_revenue"),
        "(sum(increase(payment_released_amount_usd_sum[1h])) or vector(0)) < 100"
    );
}

#[test]
fn every_alert_has_tests_that_fire_and_tests_that_do_not() {
    let shop = shop();
    let all = written(&shop, &["--only", "prometheus"]);
    let tests: String = all
        .iter()
        .filter(|(name, _)| name.contains("_test"))
        .map(|(_, text)| text.as_str())
        .collect();
    for alert in &shop.alerts {
        let name = crate::describe::alert_title(&shop, alert);
        for what in ["fires", "does not fire"] {
            assert!(
                tests.contains(&format!("\"{name}: {what}")),
                "{name}: {what}"
            );
        }
    }
}

#[test]
fn systems_and_severities_are_selected() {
    let shop = shop();
    let names = |arguments: &[&str]| -> Vec<&str> {
        written(&shop, arguments)
            .iter()
            .map(|(name, _)| *name)
            .collect()
    };
    assert_eq!(
        names(&["--only", "datadog", "--only", "sentry"]),
        ["datadog/monitors.json", "sentry/alerts.json"]
    );
    let text = &written(&shop, &["--severity", "P4", "--only", "datadog"])[0].1;
    let monitors: Vec<Value> = serde_json::from_str(text).expect("the shop is valid");
    assert_eq!(monitors.len(), 2);
    assert!(monitors.iter().all(|monitor| monitor["priority"] == 4));
}

#[test]
fn unresolved_names_are_reported_with_their_line() {
    let mut shop = shop();
    alert(&mut shop, "no_bids").unresolved = vec!["no metric `bids.lost` is recorded".into()];
    assert_eq!(
        unresolved(&shop),
        ["src/alerts.rs:80: `no_bids`: no metric `bids.lost` is recorded"]
    );
}

#[test]
fn an_unknown_metric_or_label_is_an_error() {
    let mut renamed = shop();
    let metric = renamed
        .metrics
        .iter_mut()
        .find(|metric| metric.name == "payment.failed")
        .expect("the shop is valid");
    metric.name = "payment.refused".into();
    assert_eq!(
        error_of(&renamed),
        "src/alerts.rs:20: the program records no metric `payment.failed`"
    );
    let mut renamed = shop();
    let metric = renamed
        .metrics
        .iter_mut()
        .find(|metric| metric.name == "http.server.request.duration")
        .expect("the shop is valid");
    metric
        .labels
        .retain(|label| label.name != "http.response.status_code");
    let expected = "src/alerts.rs:40: metric `http.server.request.duration` has no label `http.response.status_code`";
    assert_eq!(error_of(&renamed), expected);
}

#[test]
fn an_alert_that_can_never_fire_is_an_error() {
    let mut never = shop();
    alert(&mut never, "server_errors").condition.threshold = 1.0;
    assert!(error_of(&never).starts_with("src/alerts.rs:40: no value is beyond the threshold"));
    let mut never = shop();
    alert(&mut never, "little_revenue").condition.threshold = 0.0;
    assert!(error_of(&never).starts_with("src/alerts.rs:100: no value is beyond the threshold"));
    let mut never = shop();
    let matcher = |value: &str| Matcher {
        label: "trade".into(),
        is: MatchOperator::In,
        values: vec![value.into()],
    };
    alert(&mut never, "no_bids").condition.query = Query::Increase {
        of: vec![Selection {
            metric: "bids.submitted".into(),
            matchers: vec![matcher("plumbing"), matcher("roofing")],
        }],
    };
    assert!(error_of(&never).contains("no series of `bids.submitted`"));
}

#[test]
fn template_syntax_in_texts_is_escaped() {
    assert_eq!(rules::template("all is well"), "all is well");
    assert_eq!(
        rules::template("{{ .X \"y\" }}"),
        r#"{{ "{{ .X \"y\" }}" }}"#
    );
}

#[test]
fn an_unused_receiver_is_an_error() {
    let folder = std::env::temp_dir().join(format!("instrumental-routes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the shop is valid");
    let file: PathBuf = folder.join("routes.json");
    let with = |text: &str| {
        std::fs::write(&file, text).expect("the shop is valid");
        let shop = shop();
        let command = command(&["--routes", file.to_str().expect("the shop is valid")]);
        let written = command.files(&shop);
        written
            .map(|(files, _)| files)
            .map_err(|error| error.to_string())
    };
    let refused =
        with(r#"{"receivers": {"paymants": {"webhook_configs": []}}}"#).expect_err("an error");
    assert!(refused.contains("a receiver `paymants`"), "{refused}");
    assert!(
        with(r#"{"reciever": {}}"#)
            .expect_err("an error")
            .contains("unknown field `reciever`")
    );
    let given =
        r#"{"receivers": {"P4": {"webhook_configs": [{"url": "http://x"}]}, "security": {}}}"#;
    let text = with(given)
        .expect("the shop is valid")
        .into_iter()
        .find(|(name, _)| name.starts_with("alertmanager"))
        .expect("the shop is valid")
        .1;
    assert!(
        text.contains("  - name: dashboard\n    webhook_configs:\n      - url: \"http://x\"\n"),
        "{text}"
    );
    std::fs::remove_dir_all(folder).expect("the shop is valid");
}

#[test]
fn severities_are_parsed_in_either_case() {
    assert_eq!(
        command(&["--severity", "p2,P4"]).severity,
        [Severity::P2, Severity::P4]
    );
    assert!(parsed(&["--severity", "critical"]).is_err());
}

/// `rule_files: prometheus/*.yml` must not load the tests.
#[test]
fn f56_tests_are_in_a_folder_of_their_own() {
    let written = written(&shop(), &["--only", "prometheus"]);
    let is_test = |text: &str| text.contains("\nrule_files:\n");
    let (tests, rules): (Vec<_>, Vec<_>) = written.iter().partition(|(_, text)| is_test(text));
    let names = |files: &[&(&'static str, String)]| -> Vec<&'static str> {
        files.iter().map(|(name, _)| *name).collect()
    };
    assert_eq!(
        names(&rules),
        ["prometheus/alerts.yml", "prometheus/slo.yml"]
    );
    assert_eq!(
        names(&tests),
        [
            "prometheus/tests/alerts_test.yml",
            "prometheus/tests/alerts_long_test.yml",
            "prometheus/tests/slo_test.yml",
        ]
    );
    // promtool resolves the paths of rules relative to the test file.
    assert!(tests.iter().all(|(_, text)| text.contains("- \"../")));
}
