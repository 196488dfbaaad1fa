//! Dashboards of the shop, of a marketplace, and of programs with malicious names.

use super::layout::{Spot, overlap};
use super::panel::{Dashboard, Panel, View};
use super::{Dashboards, dashboards, datadog, files, grafana};
use crate::program::parse;
use crate::query;
use instrumental_manifest::{Label, Manifest, Metric, MetricKind, Origin};
use serde_json::Value;

fn shop() -> Manifest {
    parse(include_str!("../../../tests/data/shop.json"), "shop").expect("a manifest")
}

fn metric(name: &str, kind: MetricKind, unit: &str, origin: Origin, labels: &[&str]) -> Metric {
    let end = if kind == MetricKind::Counter {
        "_total"
    } else {
        ""
    };
    let label = |name: &&str| Label {
        name: (*name).to_owned(),
        prometheus: (*name).to_owned(),
        values: Vec::new(),
        limit: 3,
    };
    Metric {
        name: name.into(),
        kind,
        unit: unit.into(),
        help: String::new(),
        labels: labels.iter().map(label).collect(),
        owner: String::new(),
        budget: 2000,
        place: Default::default(),
        origin,
        prometheus: name.replace('.', "_") + end,
        datadog: name.into(),
    }
}

/// The signals of `examples/marketplace`, and some more.
fn marketplace() -> Manifest {
    use MetricKind::{Counter, Gauge, Histogram};
    use Origin::{Catalog, Event};
    let mut manifest = shop();
    manifest.service.name = "marketplace".into();
    manifest.alerts.clear();
    manifest.metrics.retain(|m| m.origin == Origin::Library);
    manifest.metrics.extend([
        metric("bids.response_time", Histogram, "s", Catalog, &["trade"]),
        metric("contracts.active", Gauge, "", Catalog, &[]),
        metric("payments.processing", Histogram, "s", Catalog, &[]),
        metric("job.posted", Counter, "", Event, &["trade"]),
        metric("job.posted.budget", Histogram, "{USD}", Event, &["trade"]),
        metric("job.completed", Counter, "", Event, &[]),
        metric("bid.submitted", Counter, "", Event, &["trade"]),
        metric(
            "bid.submitted.amount",
            Histogram,
            "{USD}",
            Event,
            &["trade"],
        ),
        metric("bid.accepted", Counter, "", Event, &[]),
        metric("contract.completed", Counter, "", Event, &[]),
        metric("payment.held", Counter, "", Event, &[]),
        metric("payment.held.amount", Histogram, "{USD}", Event, &[]),
        metric("payment.released", Counter, "", Event, &[]),
        metric("payment.released.amount", Histogram, "{USD}", Event, &[]),
        metric("payment.released.fee", Histogram, "{USD}", Event, &[]),
        metric("payment.failed", Counter, "", Event, &[]),
    ]);
    manifest.functions[0].place.module = "marketplace::db".into();
    manifest
}

/// A program without signals of its own.
fn bare() -> Manifest {
    let mut manifest = shop();
    manifest.metrics.clear();
    manifest.functions.clear();
    manifest.events.clear();
    manifest.alerts.clear();
    manifest
}

/// Every text contains syntax of its context, and modules have the names of other dashboards.
fn hostile() -> Manifest {
    let mut manifest = shop();
    let evil = "\"}} $instance {{label}} [[x]] ${datasource} # [a](http://b) <b>\n";
    manifest.service.name.push_str(evil);
    for metric in &mut manifest.metrics {
        metric.help.push_str(evil);
        for label in &mut metric.labels {
            label.values.push(evil.into());
        }
    }
    for alert in &mut manifest.alerts {
        alert.name.push_str(evil);
        alert.runbook.push_str(evil);
    }
    for function in &mut manifest.functions {
        function.name.push_str(evil);
        function.kind = "server".into();
    }
    let names = [
        "overview.seen",
        "performance.seen",
        "business.completed",
        "Overview.x",
        "",
        "..",
        "../../etc.passwd",
    ];
    let kinds = [
        MetricKind::Counter,
        MetricKind::Gauge,
        MetricKind::Histogram,
    ];
    for (at, name) in names.into_iter().enumerate() {
        let labels = ["a", "b"];
        manifest
            .metrics
            .push(metric(name, kinds[at % 3], evil, Origin::Catalog, &labels));
    }
    manifest
}

fn panels(dashboard: &Dashboard) -> impl Iterator<Item = &Panel> {
    dashboard
        .sections
        .iter()
        .flat_map(|section| &section.panels)
}

fn options() -> Dashboards {
    Dashboards {
        out: "out".into(),
        only: None,
        datasource: None,
    }
}

fn spot(place: &Value, width: &str, height: &str) -> Spot {
    let number = |key: &str| u32::try_from(place[key].as_u64().expect("a number")).expect("there");
    Spot {
        x: number("x"),
        y: number("y"),
        size: super::layout::Size {
            width: number(width),
            height: number(height),
        },
    }
}

#[track_caller]
fn apart(spots: &[Spot], columns: u32) {
    for (at, one) in spots.iter().enumerate() {
        assert!(one.size.width > 0 && one.size.height > 0 && one.x + one.size.width <= columns);
        assert!(spots[..at].iter().all(|other| !overlap(one, other)));
    }
}

#[test]
fn panels_do_not_overlap() {
    for manifest in [shop(), marketplace(), bare(), hostile()] {
        for dashboard in dashboards(&manifest) {
            let value = grafana::render(&manifest, &dashboard, None).expect("known signals");
            let panels = value["panels"].as_array().expect("a list");
            let spots: Vec<_> = panels
                .iter()
                .map(|p| spot(&p["gridPos"], "w", "h"))
                .collect();
            apart(&spots, 24);
            let value = datadog::render(&manifest, &dashboard).expect("known signals");
            let place = |widget: &Value| spot(&widget["layout"], "width", "height");
            let widgets = value["widgets"].as_array().expect("a list");
            apart(&widgets.iter().map(place).collect::<Vec<_>>(), 12);
            for widget in widgets {
                let inner = widget["definition"]["widgets"].as_array();
                let inner: Vec<_> = inner.into_iter().flatten().map(place).collect();
                apart(&inner, 12);
                // The height of a group includes its title.
                let height = inner.iter().map(|spot| spot.y + spot.size.height + 1).max();
                assert!(height.is_none_or(|height| height == place(widget).size.height));
            }
        }
    }
}

#[test]
fn ids_are_stable_and_unique() {
    let manifest = hostile();
    let names: Vec<_> = files(&manifest, &options()).expect("known signals");
    let mut names: Vec<_> = names.into_iter().map(|(name, _)| name).collect();
    for name in &names {
        let file = name.split_once('/').expect("a folder").1;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        assert!(
            file.strip_suffix(".json")
                .expect("a name")
                .chars()
                .all(plain)
        );
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    let uids = |manifest: &Manifest| -> Vec<String> {
        let all = dashboards(manifest);
        let values = all
            .iter()
            .map(|dashboard| grafana::render(manifest, dashboard, None).expect("known signals"));
        values
            .map(|value| value["uid"].as_str().expect("a text").to_owned())
            .collect()
    };
    let mut all = uids(&manifest);
    assert_eq!(all, uids(&manifest));
    all.extend(uids(&shop()));
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count, "{all:?}");
    assert!(uids(&shop()).contains(&"shop-payments".to_owned()));
}

#[test]
fn the_id_of_a_panel_does_not_depend_on_others() {
    let id = |manifest: &Manifest| {
        let all = dashboards(manifest);
        let value = grafana::render(manifest, &all[0], None).expect("known signals");
        let panels = value["panels"].as_array().expect("a list");
        let mut found = panels.iter().filter(|p| p["title"] == "Average latency");
        found.next().expect("there")["id"]
            .as_u64()
            .expect("a number")
    };
    let mut fewer = shop();
    fewer.alerts.clear();
    fewer.functions.clear();
    assert_eq!(id(&shop()), id(&fewer));
}

#[test]
fn queries_only_use_recorded_metrics() {
    for manifest in [shop(), marketplace(), bare(), hostile()] {
        let all = dashboards(&manifest);
        for panel in all.iter().flat_map(panels) {
            for query in panel.queries() {
                let selections = query::selections(query);
                assert!(!selections.is_empty());
                for selection in selections {
                    let metric = query::metric(&manifest, &selection.metric).expect("there");
                    for matcher in &selection.matchers {
                        query::label(metric, &matcher.label).expect("there");
                    }
                }
            }
        }
    }
}

#[test]
fn every_signal_is_on_a_dashboard() {
    for manifest in [shop(), marketplace()] {
        let all = dashboards(&manifest);
        let queries = all.iter().flat_map(panels).flat_map(Panel::queries);
        let shown: Vec<_> = queries
            .flat_map(query::selections)
            .map(|s| s.metric.as_str())
            .collect();
        let own = manifest
            .metrics
            .iter()
            .filter(|m| m.origin != Origin::Library);
        for metric in own {
            assert!(shown.contains(&metric.name.as_str()), "{}", metric.name);
        }
    }
}

#[test]
fn every_alert_has_a_threshold_on_the_overview() {
    let manifest = shop();
    let all = dashboards(&manifest);
    let lines: Vec<_> = panels(&all[0])
        .filter(|panel| panel.view == View::Lines)
        .collect();
    let drawn = |name: &str| {
        lines
            .iter()
            .any(|p| p.limits.iter().any(|limit| limit.alert == name))
    };
    for alert in &manifest.alerts {
        // An absence and a past value have no constant threshold.
        let level = !["no_bids", "fewer_bids"].contains(&alert.name.as_str());
        assert_eq!(drawn(&alert.name), level, "{}", alert.name);
    }
    let payments = all.iter().find(|d| d.key == "payments").expect("there");
    let failed = panels(payments).find(|p| p.title == "Payments failed per second");
    assert_eq!(failed.expect("there").limits[0].alert, "payment_failures");
}

#[test]
fn an_unresolved_alert_has_no_panel() {
    let mut manifest = shop();
    manifest.alerts[0]
        .unresolved
        .push("no such function".into());
    let all = dashboards(&manifest);
    assert!(panels(&all[0]).all(|panel| !panel.title.contains("Payment system down")));
}

#[test]
fn dashboards_have_the_expected_panels() {
    let manifest = marketplace();
    let all = dashboards(&manifest);
    let pages = [
        (
            "jobs",
            "Jobs posted per second|Jobs posted: budget, average|Jobs posted per second, by trade|Job completion rate",
        ),
        (
            "bids",
            "Bids submitted per second|Bids submitted: amount, average|Bid acceptance rate|Bids response time",
        ),
        (
            "payments",
            "Payments held|Payments released|Payments released: fee, total|Payments processing, average|Payments failed",
        ),
        (
            "performance",
            "Response times|Error rate|Database times|Throughput: requests per second",
        ),
        (
            "overview",
            "Status|Uptime|Requests per second|Error rate|p95 latency",
        ),
        (
            "business",
            "Jobs posted|Bids submitted|Contracts completed|Payments released: amount, total|Payments released: fee, total|\
             Payments held: amount, total|Payments released|Payment success rate|Payments processing, average|Uptime",
        ),
    ];
    for (key, titles) in pages {
        let page = all
            .iter()
            .find(|dashboard| dashboard.key == key)
            .expect("there");
        for title in titles.split('|') {
            assert!(
                panels(page).any(|panel| panel.title == title),
                "{key}: {title}"
            );
        }
    }
}

#[test]
fn a_program_without_signals_has_two_dashboards() {
    let manifest = bare();
    let all = dashboards(&manifest);
    let keys: Vec<_> = all.iter().map(|d| d.key.as_str()).collect();
    assert_eq!(keys, ["overview", "performance"]);
}

/// `cargo instrumental --manifest cli/tests/data/shop.json dashboards --out ..` writes them.
#[test]
fn dashboards_match_the_saved_ones() {
    let files = files(&shop(), &options()).expect("known signals");
    let written = |name: &str| {
        let found = files.iter().find(|(file, _)| file == name);
        found.expect("there").1.as_str()
    };
    assert_eq!(
        written("grafana/auth.json"),
        include_str!("../../../tests/data/dashboards/grafana/auth.json")
    );
    assert_eq!(
        written("datadog/auth.json"),
        include_str!("../../../tests/data/dashboards/datadog/auth.json")
    );
}

#[test]
fn a_given_data_source_is_not_a_variable() {
    let manifest = shop();
    let all = dashboards(&manifest);
    let value = grafana::render(&manifest, &all[0], Some("prom")).expect("known signals");
    assert_eq!(value["panels"][1]["datasource"]["uid"], "prom");
    assert!(!value.to_string().contains("${datasource}"));
}
