//! The overview: the first page for the engineer on call.

use super::names;
use super::panel::{Dashboard, Over, Panel, Past, Section, Series, Slo, Source, Unit, View};
use super::signals::{self, Traffic};
use instrumental_manifest::{Alert, Comparison, Manifest, Query};

pub(super) fn dashboard(manifest: &Manifest) -> Dashboard {
    let traffic = Traffic::of(manifest);
    let sections = [
        Section::of("Real-time status", status(manifest, traffic.as_ref())),
        Section::of(
            "Traffic",
            traffic.as_ref().map(over_time).unwrap_or_default(),
        ),
        Section::of("Error budgets", budgets(manifest)),
        Section::of("Firing alerts", firing(manifest)),
        Section::of("Alert conditions", watched(manifest)),
    ];
    Dashboard {
        key: "overview".into(),
        title: "Overview".into(),
        about: "The health of the service, and the conditions of its alerts.".into(),
        sections: sections.into_iter().flatten().collect(),
    }
}

/// Returns the panels of the service's health: status, uptime, requests, errors, latency.
pub(super) fn status(manifest: &Manifest, traffic: Option<&Traffic>) -> Vec<Panel> {
    let mut panels = Vec::new();
    if !manifest.alerts.is_empty() {
        let state = Panel::new(View::Status, Over::Now, Unit::Of(String::new()), "Status");
        let state = state.about(
            "Healthy unless a P1 or P2 alert of the service fires. Requires the generated alerts.",
        );
        panels.push(state.with(of(Source::Firing)));
    } else if let Some(traffic) = traffic {
        let state = Panel::new(View::Status, Over::Now, Unit::Part, "Status");
        let state = state.about("Healthy if less than 1% of them fail.");
        panels.push(state.with(Series::of(traffic.errors(), "")));
    }
    let uptime = Panel::new(View::Number, Over::Day, Unit::Part, "Uptime");
    panels.push(uptime.with(of(Source::Uptime)));
    if let Some(traffic) = traffic {
        let name = traffic.name;
        panels.extend([
            Panel::now(
                Unit::Requests,
                format!("{name} per second"),
                traffic.throughput(),
            ),
            Panel::now(Unit::Part, "Error rate", traffic.errors()),
            Panel::now(Unit::Of("s".into()), "p95 latency", traffic.latency(0.95)),
        ]);
    }
    panels
}

fn of(source: Source) -> Series {
    Series {
        source,
        legend: String::new(),
        by: Vec::new(),
        past: None,
    }
}

fn over_time(traffic: &Traffic) -> Vec<Panel> {
    let line = |query, name| vec![Series::of(query, name)];
    let average = Query::Average {
        of: traffic.whole.clone(),
    };
    vec![
        Panel::lines(
            Unit::Requests,
            format!("{} per second", traffic.name),
            line(traffic.throughput(), traffic.name),
        ),
        Panel::lines(Unit::Part, "Error rate", line(traffic.errors(), "errors")),
        latencies("Latency", &traffic.whole),
        Panel::lines(
            Unit::Of("s".into()),
            "Average latency",
            line(average, "average"),
        ),
    ]
}

/// Returns a panel with p50, p95 and p99 of a histogram of seconds.
pub(super) fn latencies(title: &str, of: &instrumental_manifest::Selection) -> Panel {
    let lines = [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")];
    let lines = lines.map(|(q, name)| Series::of(signals::quantile(q, of.clone()), name));
    Panel::lines(Unit::Of("s".into()), title, lines.into())
}

const BUDGET: &str = "The remaining ratio of the error budget of 30 days; the objective is missed below zero. \
                      Requires the recording rules of `cargo instrumental alerts`.";

/// Whether an objective is set and leaves a budget.
fn is_some(percent: f64) -> bool {
    percent > 0.0 && percent < 100.0
}

fn budgets(manifest: &Manifest) -> Vec<Panel> {
    let mut panels = Vec::new();
    for function in &manifest.functions {
        let Some(objective) = &function.objective else {
            continue;
        };
        let mut add = |slo, what: String| {
            let title = format!("{}: {what}", function.name);
            let panel = Panel::new(View::Number, Over::Now, Unit::Part, title);
            let panel = panel.about(BUDGET);
            panels.push(panel.with(of(Source::Budget {
                function: function.clone(),
                objective: objective.clone(),
                slo,
            })));
        };
        if is_some(objective.success_percent) {
            add(
                Slo::Success,
                format!("{} % succeed", objective.success_percent),
            );
        }
        if objective.latency > 0.0 && is_some(objective.latency_percent) {
            let within = format!(
                "{} % within {} s",
                objective.latency_percent, objective.latency
            );
            add(Slo::Latency, within);
        }
    }
    panels
}

fn firing(manifest: &Manifest) -> Vec<Panel> {
    if manifest.alerts.is_empty() {
        return Vec::new();
    }
    let panel = Panel::new(
        View::Firing,
        Over::Now,
        Unit::Of(String::new()),
        "Firing alerts",
    );
    vec![
        panel
            .about("Firing alerts of this service.")
            .with(of(Source::Firing)),
    ]
}

/// Returns a panel for the condition of each alert, with its threshold. P4 alerts are only shown here.
fn watched(manifest: &Manifest) -> Vec<Panel> {
    let sound = manifest
        .alerts
        .iter()
        .filter(|alert| alert.unresolved.is_empty());
    let mut alerts: Vec<_> = sound.collect();
    alerts.sort_by_key(|alert| alert.severity);
    alerts.into_iter().map(alert).collect()
}

fn alert(alert: &Alert) -> Panel {
    let condition = &alert.condition;
    let title = format!("{:?}: {}", alert.severity, names::title(&alert.name));
    let mut panel = Panel::lines(
        unit(&condition.query, &condition.unit),
        title,
        vec![Series::of(
            condition.query.clone(),
            names::title(&alert.name),
        )],
    );
    panel.over = Over::Window(condition.window);
    panel = panel.about(&alert.summary).about(&alert.impact);
    if condition.compare == Comparison::Absent {
        panel = panel.about("Fires if nothing happens.");
    }
    if let Some(seconds) = condition.past {
        let factor = condition.threshold;
        let hours = seconds / 3600.0;
        let legend = format!("limit: {factor} times the value {hours} h ago");
        let mut limit = Series::of(condition.query.clone(), legend);
        limit.past = Some(Past { seconds, factor });
        panel = panel.with(limit);
    }
    if !alert.runbook.is_empty() {
        panel = panel.about(format!("Runbook: {}", alert.runbook));
    }
    panel
}

/// Returns the unit of a query's numbers, from the unit of its threshold.
fn unit(query: &Query, threshold: &str) -> Unit {
    match (query, threshold) {
        (Query::Rate { .. }, _) => Unit::PerSecond,
        (Query::Share { .. } | Query::Fraction { .. }, _) | (_, "1") => Unit::Part,
        (_, code) => Unit::Of(code.to_owned()),
    }
}
