//! The files of the shop's alerts, and what is refused. What the systems say of them: `tests/conformance`.

use super::{Alerts, Deployment, Routes, monitors, rules, sentry, unresolved};
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
    parsed(arguments).expect("as the shop has it")
}

fn deployment(manifest: &Manifest) -> Deployment<'_> {
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
        .expect("as the shop has it")
        .0
}

fn refused(manifest: &Manifest) -> String {
    command(&[])
        .files(manifest)
        .expect_err("refused")
        .to_string()
}

fn alert<'m>(manifest: &'m mut Manifest, name: &str) -> &'m mut Alert {
    manifest
        .alerts
        .iter_mut()
        .find(|alert| alert.name == name)
        .expect("as the shop has it")
}

#[test]
fn a_rule_as_prometheus_reads_it() {
    let shop = shop();
    let rule = rules::of(&deployment(&shop), &shop.alerts[0])
        .expect("as the shop has it")
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
    .expect("as the shop has it");
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
            .expect("as the shop has it");
        rules::of(&deployment, alert)
            .expect("as the shop has it")
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
fn every_alert_has_tests_that_fire_and_tests_that_are_silent() {
    let shop = shop();
    let all = written(&shop, &["--only", "prometheus"]);
    let tests: String = all
        .iter()
        .filter(|(name, _)| name.contains("_test"))
        .map(|(_, text)| text.as_str())
        .collect();
    for alert in &shop.alerts {
        let name = crate::describe::alert_title(&shop, alert);
        for what in ["fires", "is silent"] {
            assert!(
                tests.contains(&format!("\"{name}: {what}")),
                "{name}: {what}"
            );
        }
    }
}

#[test]
fn only_what_is_asked_for_is_written() {
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
    let monitors: Vec<Value> = serde_json::from_str(text).expect("as the shop has it");
    assert_eq!(monitors.len(), 2);
    assert!(monitors.iter().all(|monitor| monitor["priority"] == 4));
}

#[test]
fn what_is_unresolved_is_named_with_its_line() {
    let mut shop = shop();
    alert(&mut shop, "no_bids").unresolved = vec!["no metric `bids.lost` is recorded".into()];
    assert_eq!(
        unresolved(&shop),
        ["src/alerts.rs:80: `no_bids`: no metric `bids.lost` is recorded"]
    );
}

#[test]
fn a_renamed_metric_or_label_is_refused_by_name() {
    let mut renamed = shop();
    let metric = renamed
        .metrics
        .iter_mut()
        .find(|metric| metric.name == "payment.failed")
        .expect("as the shop has it");
    metric.name = "payment.refused".into();
    assert_eq!(
        refused(&renamed),
        "src/alerts.rs:20: the program records no metric `payment.failed`"
    );
    let mut renamed = shop();
    let metric = renamed
        .metrics
        .iter_mut()
        .find(|metric| metric.name == "http.server.request.duration")
        .expect("as the shop has it");
    metric
        .labels
        .retain(|label| label.name != "http.response.status_code");
    let expected = "src/alerts.rs:40: metric `http.server.request.duration` has no label `http.response.status_code`";
    assert_eq!(refused(&renamed), expected);
}

#[test]
fn an_alert_that_can_never_fire_is_refused() {
    let mut never = shop();
    alert(&mut never, "server_errors").condition.threshold = 1.0;
    assert!(refused(&never).starts_with("src/alerts.rs:40: no value is beyond the threshold"));
    let mut never = shop();
    alert(&mut never, "little_revenue").condition.threshold = 0.0;
    assert!(refused(&never).starts_with("src/alerts.rs:100: no value is beyond the threshold"));
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
    assert!(refused(&never).contains("no series of `bids.submitted`"));
}

#[test]
fn templates_in_texts_stay_texts() {
    assert_eq!(rules::template("all is well"), "all is well");
    assert_eq!(
        rules::template("{{ .X \"y\" }}"),
        r#"{{ "{{ .X \"y\" }}" }}"#
    );
}

#[test]
fn monitors_look_back_and_tell() {
    let mut shop = shop();
    alert(&mut shop, "payment_failures").summary = "Failed {{#is_alert}} @all".into();
    let deployment = deployment(&shop);
    let alerts: Vec<&Alert> = shop.alerts.iter().collect();
    let mut routes = Routes::default();
    routes.mail = Some("ops@shop.example".into());
    let monitors = monitors::of(&deployment, &alerts, &routes).expect("as the shop has it");
    let find = |name: &str| {
        let all = monitors.as_array().expect("as the shop has it").iter();
        all.clone()
            .find(|monitor| {
                monitor["name"]
                    .as_str()
                    .expect("as the shop has it")
                    .ends_with(name)
            })
            .expect("as the shop has it")
    };
    let query = |name: &str| {
        find(name)["query"]
            .as_str()
            .expect("as the shop has it")
            .to_owned()
    };
    let of = "{service:shop AND env:production}";
    assert_eq!(
        query(": PaymentFailures"),
        format!("sum(last_5m):sum:payment.failed{of}.as_count() > 0")
    );
    assert_eq!(
        query(": PoolExhausted"),
        format!(
            "min(last_5m):(default_zero(sum:db.connections.open{of}) / sum:db.connections.max{of}) > 0.9"
        )
    );
    assert_eq!(
        query(": SlowCardProcessor"),
        format!("percentile(last_10m):p95:payments.processing{of} > 2")
    );
    assert_eq!(
        query(": FewerBids"),
        format!(
            "sum(last_1h):default_zero(sum:bids.submitted{of}.as_count()) / \
             timeshift(sum:bids.submitted{of}.as_count(), -604800) < 0.5"
        )
    );
    let quiet = find(": NoBids");
    assert_eq!(quiet["options"]["notify_no_data"], true);
    assert_eq!(quiet["options"]["no_data_timeframe"], 20);
    let told = |name: &str| {
        find(name)["message"]
            .as_str()
            .expect("as the shop has it")
            .lines()
            .last()
            .expect("as the shop has it")
            .to_owned()
    };
    assert_eq!(
        told(": PaymentFailures"),
        "@pagerduty-payments @slack-alerts @slack-payments"
    );
    // It is its severity's channel that it names.
    assert_eq!(told(": ServerErrors"), "@slack-alerts @ops@shop.example");
    assert_eq!(told(": HighLatency"), "@slack-alerts @ops@shop.example");
    assert_eq!(told(": NoBids"), "@slack-monitoring");
    assert_eq!(told(": FewerBids"), "Source: src/alerts.rs:90");
    let first = find(": PaymentFailures")["message"]
        .as_str()
        .expect("as the shop has it")
        .lines()
        .next()
        .expect("as the shop has it");
    assert_eq!(first, "Failed { {#is_alert} } (at)all");
}

#[test]
fn sentry_counts_errors_it_is_told_of() {
    let mut shop = shop();
    let errors = |error: &str| Selection {
        metric: "function.errors".into(),
        matchers: vec![
            crate::query::matcher("function", &["PaymentService::hold"]),
            crate::query::matcher("error", &[error]),
        ],
    };
    let changed = alert(&mut shop, "auth_failures");
    changed.condition.query = Query::Rate {
        of: vec![errors("card \"declined\"")],
    };
    let deployment = deployment(&shop);
    let (rules, _) = sentry::of(
        &deployment,
        &[alert(&mut shop.clone(), "auth_failures")],
        &Routes::default(),
    );
    let issue = &rules["issue_alerts"][0];
    assert_eq!(issue["conditions"][0]["value"], 50);
    assert_eq!(issue["conditions"][0]["interval"], "5m");
    assert_eq!(issue["filters"][0]["value"], "card \"declined\"");
    assert_eq!(issue["filters"][1]["value"], "shop::payments");
    // More than are reported cannot be waited for.
    let mut many = shop.clone();
    alert(&mut many, "auth_failures").condition.threshold = 1.0;
    let (rules, left) = sentry::of(
        &deployment,
        &[alert(&mut many, "auth_failures")],
        &Routes::default(),
    );
    assert_eq!(
        rules["issue_alerts"]
            .as_array()
            .expect("as the shop has it")
            .len(),
        0
    );
    assert!(
        left[0].contains("30 a minute are reported at most"),
        "{left:?}"
    );
    // Any of two kinds is a metric alert.
    let mut two = shop.clone();
    let changed = alert(&mut two, "auth_failures");
    changed.condition.query = Query::Increase {
        of: vec![errors("a"), errors("b*")],
    };
    changed.condition.threshold = 4.0;
    let (rules, _) = sentry::of(
        &deployment,
        &[alert(&mut two, "auth_failures")],
        &Routes::default(),
    );
    let metric = &rules["metric_alerts"][0];
    assert_eq!(metric["aggregate"], "count()");
    assert_eq!(metric["triggers"][0]["alertThreshold"], 4.0);
    assert_eq!(
        metric["query"],
        "(event.type:error stack.function:[\"PaymentService::hold\"] error.type:[\"a\"] OR \
         event.type:error stack.function:[\"PaymentService::hold\"] error.type:[\"b\\*\"])"
    );
}

#[test]
fn a_receiver_that_nobody_tells_is_refused() {
    let folder = std::env::temp_dir().join(format!("instrumental-routes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("as the shop has it");
    let file: PathBuf = folder.join("routes.json");
    let with = |text: &str| {
        std::fs::write(&file, text).expect("as the shop has it");
        let shop = shop();
        let command = command(&["--routes", file.to_str().expect("as the shop has it")]);
        let written = command.files(&shop);
        written
            .map(|(files, _)| files)
            .map_err(|error| error.to_string())
    };
    let refused =
        with(r#"{"receivers": {"paymants": {"webhook_configs": []}}}"#).expect_err("refused");
    assert!(refused.contains("a receiver `paymants`"), "{refused}");
    assert!(
        with(r#"{"reciever": {}}"#)
            .expect_err("refused")
            .contains("unknown field `reciever`")
    );
    let given =
        r#"{"receivers": {"P4": {"webhook_configs": [{"url": "http://x"}]}, "security": {}}}"#;
    let text = with(given)
        .expect("as the shop has it")
        .into_iter()
        .find(|(name, _)| name.starts_with("alertmanager"))
        .expect("as the shop has it")
        .1;
    assert!(
        text.contains("  - name: dashboard\n    webhook_configs:\n      - url: \"http://x\"\n"),
        "{text}"
    );
    std::fs::remove_dir_all(folder).expect("as the shop has it");
}

#[test]
fn severities_are_read_in_either_case() {
    assert_eq!(
        command(&["--severity", "p2,P4"]).severity,
        [Severity::P2, Severity::P4]
    );
    assert!(parsed(&["--severity", "critical"]).is_err());
}
