use super::*;
use crate::program::Scratch;
use crate::query::selections;
use instrumental_manifest::{Label, Query};

fn shop() -> Manifest {
    let text = include_str!("../../../tests/data/shop.json");
    program::parse(text, "shop.json").expect("a manifest")
}

/// The shop without findings: with owners, and runbooks on the web.
pub(super) fn clean() -> Manifest {
    let mut shop = shop();
    for alert in &mut shop.alerts {
        alert.runbook = "https://runbooks.example/shop".into();
    }
    shop
}

/// Returns all findings as `severity rule message`.
pub(super) fn found(check: &Check, new: &Manifest, old: Option<&Manifest>) -> Vec<String> {
    let outcome = check.check(new, old, Path::new("."));
    let line = |finding: &Finding| {
        let severity = format!("{:?}", finding.severity).to_lowercase();
        let mut line = format!("{severity} {} {}", finding.rule, finding.message);
        if !finding.alerts.is_empty() {
            line.push_str(&format!(" <- {}", finding.alerts.join(" ")));
        }
        line
    };
    outcome.findings.iter().map(line).collect()
}

/// Returns the findings after a fault is added to a clean program.
fn planted(plant: impl FnOnce(&mut Manifest)) -> Vec<String> {
    let mut shop = clean();
    plant(&mut shop);
    found(&Check::default(), &shop, None)
}

pub(super) fn metric<'a>(
    shop: &'a mut Manifest,
    name: &str,
) -> &'a mut instrumental_manifest::Metric {
    let mut metrics = shop.metrics.iter_mut();
    metrics
        .find(|metric| metric.name == name)
        .expect("a metric")
}

#[test]
fn a_clean_program_has_no_findings() {
    assert_eq!(planted(|_| ()), [""; 0]);
    assert_eq!(found(&Check::default(), &clean(), Some(&clean())), [""; 0]);
}

#[test]
fn duplicates_are_found() {
    let twice = planted(|shop| {
        let failures = metric(shop, "auth.failures").clone();
        shop.metrics.push(failures);
        shop.events.push(shop.events[1].clone());
        shop.alerts.push(shop.alerts[2].clone());
        shop.functions.push(shop.functions[2].clone());
    });
    assert_eq!(
        twice,
        [
            "error duplicate the alert `high_latency` is already declared at src/alerts.rs:30",
            "error duplicate the metric `auth.failures` is already declared at src/signals.rs:35",
            "error duplicate the event `payment.failed` is already declared at src/signals.rs:70",
            "warning duplicate the function `shop::jobs::create` is already declared at src/jobs.rs:20",
        ]
    );
}

#[test]
fn names_that_collide_in_a_backend_are_found() {
    let names = planted(|shop| {
        let mut other = metric(shop, "auth.failures").clone();
        (other.name, other.prometheus) = ("auth_failures".into(), "auth_failures_total".into());
        other.datadog = "auth_failures".into();
        shop.metrics.push(other);
        let mut count = metric(shop, "db.connections.max").clone();
        count.name = "bids.response.time.seconds.count".into();
        count.prometheus = "bids_response_time_seconds_count".into();
        count.datadog = "bids.response_time".into();
        shop.metrics.push(count);
    });
    assert_eq!(
        names,
        [
            "error collision the metric `auth_failures` is `auth_failures_total` in Prometheus, like `auth.failures` at \
             src/signals.rs:35",
            "error collision the metric `bids.response.time.seconds.count` is `bids_response_time_seconds_count` in \
             Prometheus, like `bids.response_time` at src/signals.rs:25",
            "error collision the metric `bids.response.time.seconds.count` is `bids.response_time` in Datadog, like \
             `bids.response_time` at src/signals.rs:25"
        ]
    );
}

#[test]
fn labels_that_collide_in_a_backend_are_found() {
    let label = |name: &str, prometheus: &str| Label {
        name: name.into(),
        prometheus: prometheus.into(),
        values: Vec::new(),
        limit: 2,
    };
    let labels = planted(|shop| {
        metric(shop, "auth.failures").labels = vec![
            label("user.kind", "user_kind"),
            label("user_kind", "user_kind"),
            label("Region", "Region"),
            label("region", "region"),
            label("region", "region"),
            label("service", "service"),
        ];
    });
    assert_eq!(
        labels,
        [
            "error collision the labels `user.kind`, `user_kind` of `auth.failures` are both `user_kind` in Prometheus",
            "error collision the labels `Region`, `region` of `auth.failures` are both `region` in Datadog",
            "error collision the labels `Region`, `region` of `auth.failures` are both `region` in Datadog",
            "error collision the metric `auth.failures` has the duplicate label `region`",
            "warning collision the label `service` of `auth.failures` is Datadog's own tag `service`, so a series has two \
             values of it",
        ]
    );
}

#[test]
fn the_maximum_of_series_is_counted() {
    let shop = clean();
    let worst = series::of(&shop);
    let of = |name: &str| {
        let at = shop.metrics.iter().position(|metric| metric.name == name);
        worst[at.expect("a metric")].series
    };
    // Four functions with four outcomes; one counts slow calls, none counts running ones.
    assert_eq!((of("function.duration"), of("function.slow")), (16, 1));
    assert_eq!(of("function.in_flight"), 0);
    // The kinds of errors are unknown, and requests are limited by their budget.
    assert_eq!(
        (of("function.errors"), of("http.server.request.duration")),
        (2000, 2000)
    );
    assert_eq!((of("bids.submitted"), of("auth.failures")), (3, 1));
}

#[test]
fn exceeded_budgets_are_found() {
    let mut shop = clean();
    let check = Check {
        budget: Some(4000),
        metric_budget: Some(1999),
        ..Check::default()
    };
    metric(&mut shop, "bids.submitted").budget = 2;
    assert_eq!(
        found(&check, &shop, None),
        [
            "error budget the metric `function.errors` can have 2,000 series (function ? × module ? × error ? × class 5), but \
             only 1,999 are allowed",
            "error budget the metric `http.server.request.duration` can have 2,000 series (http.request.method 12 × \
             http.route 200 × http.response.status_code 64), but only 1,999 are allowed",
            "error budget all metrics together can have 4,045 series, but only 4,000 are allowed; the largest is \
             `http.server.request.duration` with 2,000",
            "warning budget the metric `bids.submitted` can have 3 series (trade 3), but its own budget is 2; the rest \
             share one series",
        ]
    );
}

#[test]
fn alerts_on_unrecorded_metrics_are_found() {
    let dangling = planted(|shop| {
        shop.metrics.retain(|metric| metric.name != "auth.failures");
        metric(shop, "http.server.request.duration")
            .labels
            .truncate(2);
        shop.functions[0].name = "PaymentService::pay".into();
        shop.alerts[2].unresolved = vec!["it compares seconds with bytes".into()];
        shop.alerts[6].unresolved = vec!["`auth.failures` is no metric".into()];
    });
    assert_eq!(
        dangling,
        [
            "error unresolved the alert `payment_system_down` uses `PaymentService::release` of the label \
             `function` of `function.duration`, which is not recorded",
            "error unresolved the alert `high_latency` cannot fire: it compares seconds with bytes",
            "error unresolved the alert `server_errors` uses the label `http.response.status_code` of \
             `http.server.request.duration`, which is not recorded",
            "error unresolved the alert `auth_failures` uses the metric `auth.failures`, which is not recorded",
        ]
    );
}

/// A function without `#[traced]`: the program finds no metric, and leaves its name empty.
#[test]
fn an_alert_on_a_function_without_annotation_is_found() {
    let says = "`shop::pay` is not annotated with `#[traced]`";
    let findings = planted(|shop| {
        let alert = &mut shop.alerts[2];
        let metrics: Vec<String> = crate::query::selections(&alert.condition.query)
            .iter()
            .map(|selection| selection.metric.clone())
            .collect();
        for metric in metrics {
            rename(&mut alert.condition.query, &metric, "");
        }
        alert.unresolved = vec![says.into()];
    });
    let expected = format!("error unresolved the alert `high_latency` cannot fire: {says}");
    assert_eq!(findings, [expected]);
}

#[test]
fn missing_owners_and_runbooks_are_found() {
    let careless = planted(|shop| {
        shop.events[0].owner.clear();
        shop.alerts[0].owner.clear();
        for alert in &mut shop.alerts[1..] {
            alert.runbook.clear();
        }
        shop.alerts.truncate(4);
        shop.alerts[3].severity = instrumental_manifest::Severity::P3;
    });
    assert_eq!(
        careless,
        [
            "warning owner the alert `payment_system_down` has no owner; add `owner = \"team\"`",
            "warning runbook the P1 alert `payment_failures` has no runbook",
            "warning runbook the P2 alert `high_latency` has no runbook",
            "warning owner the event `payment.released` has no owner; add `owner = \"team\"`",
        ]
    );
}

#[test]
fn missing_runbooks_and_headings_are_found() {
    let folder = std::env::temp_dir().join(format!("instrumental-runbook-{}", std::process::id()));
    let docs = folder.join("services/shop/docs");
    std::fs::create_dir_all(&docs).expect("a folder");
    std::fs::write(docs.join("runbooks.md"), "# Runbooks\n\n## Payments\n").expect("a file");
    let mut shop = clean();
    shop.alerts.truncate(3);
    for alert in &mut shop.alerts {
        alert.place.file = "services/shop/src/alerts.rs".into();
    }
    shop.alerts[0].runbook = "docs/runbooks.md#payments".into();
    shop.alerts[1].runbook = "docs/runbooks.md#refunds".into();
    shop.alerts[2].runbook = "docs/other.md".into();
    let outcome = Check::default().check(&shop, None, &folder);
    let messages: Vec<_> = outcome
        .findings
        .iter()
        .map(|f| f.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "the alert `payment_failures`: its runbook `docs/runbooks.md` has no heading `#refunds`",
            "the alert `high_latency`: its runbook `docs/other.md` does not exist",
        ]
    );
    std::fs::remove_dir_all(&folder).expect("removed");
}

/// Every metric that an alert uses is renamed in turn, and each dangling query is reported.
#[test]
fn g04_a_renamed_metric_leaves_no_dangling_query() {
    let stored = clean();
    let asked = |shop: &Manifest| -> Vec<String> {
        let queries = shop.alerts.iter().map(|alert| &alert.condition.query);
        let names = queries.flat_map(selections).map(|s| s.metric.clone());
        names
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect()
    };
    for name in asked(&stored) {
        let new_name = format!("{name}ing");
        let users: Vec<_> = stored
            .alerts
            .iter()
            .filter(|alert| {
                let of = selections(&alert.condition.query);
                of.iter().any(|selection| selection.metric == name)
            })
            .map(|alert| alert.name.clone())
            .collect();
        // Renamed in the code, but not in the alerts: an error for each of them.
        let mut half = clean();
        metric(&mut half, &name).name = new_name.clone();
        let lines = found(&Check::default(), &half, None);
        for user in &users {
            let dangles = format!("error unresolved the alert `{user}` uses the metric `{name}`");
            assert!(
                lines.iter().any(|line| line.starts_with(&dangles)),
                "{dangles}: {lines:?}"
            );
        }
        // Renamed in both: no query dangles, and the change is reported to users of the saved manifest.
        let mut whole = half;
        for alert in &mut whole.alerts {
            rename(&mut alert.condition.query, &name, &new_name);
        }
        assert_eq!(found(&Check::default(), &whole, None), [""; 0]);
        let lines = found(&Check::default(), &whole, Some(&stored));
        let is_reported = |line: &String| {
            let is_rename = line.contains(&format!("`{name}` was re")) || line.contains("event");
            line.starts_with("error re")
                && is_rename
                && users.iter().all(|user| line.contains(user))
        };
        assert!(lines.iter().any(is_reported), "{name}: {lines:?}");
    }
}

fn rename(query: &mut Query, from: &str, to: &str) {
    let all = match query {
        Query::Rate { of } | Query::Increase { of } | Query::Total { of } => {
            of.iter_mut().collect()
        }
        Query::Share { part, whole } => part.iter_mut().chain(whole).collect(),
        Query::Fraction { part, whole } => vec![part, whole],
        Query::Quantile { of, .. } | Query::Average { of } | Query::Level { of } => vec![of],
    };
    let of_it = all.into_iter().filter(|selection| selection.metric == from);
    of_it.for_each(|selection| selection.metric = to.into());
}

#[test]
fn exit_codes_depend_on_errors_and_strictness() {
    let code =
        |check: &Check, shop: &Manifest| format!("{:?}", check.report(shop).expect("it works"));
    let (success, found) = (
        format!("{:?}", ExitCode::SUCCESS),
        format!("{:?}", ExitCode::from(1)),
    );
    let mut warned = clean();
    warned.events[0].owner.clear();
    let strict = Check {
        strict: true,
        ..Check::default()
    };
    assert_eq!(code(&Check::default(), &clean()), success);
    assert_eq!(code(&Check::default(), &warned), success);
    assert_eq!(code(&strict, &warned), found);
    warned.alerts[0].runbook = "nowhere.md".into();
    assert_eq!(code(&Check::default(), &warned), found);
}

#[test]
fn an_invalid_saved_manifest_is_an_error() {
    let file = Scratch::new("check-test");
    std::fs::write(&file.0, "{").expect("written");
    let check = Check {
        against: Some(file.0.clone()),
        ..Check::default()
    };
    let failure = check.report(&clean()).expect_err("no manifest").to_string();
    assert!(failure.contains("not a manifest"), "{failure}");
}

#[test]
fn findings_are_printed_as_lines_or_json() {
    let mut shop = clean();
    shop.events[0].owner.clear();
    shop.events[0].name = "evil\u{1b}[2J".into();
    let outcome = Check::default().check(&shop, None, Path::new("."));
    let lines = text(&outcome);
    assert_eq!(
        lines.lines().next(),
        Some(
            "src/signals.rs:60: warning: the event `evil\\u{1b}[2J` has no owner; add `owner = \"team\"` [owner]"
        )
    );
    assert!(
        lines.ends_with("0 errors, 1 warning; at most 4,046 series of 15 metrics\n"),
        "{lines}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&io::json(&outcome).expect("JSON")).expect("JSON");
    assert_eq!(json["findings"][0]["severity"], "warning");
    assert_eq!(json["findings"][0]["source"], "src/signals.rs:60");
    assert_eq!(json["metrics"][0]["metric"], "function.duration");
}
