//! Datadog's monitors.

use crate::deployment::Deployment;
use crate::describe;
use crate::error::Error;
use crate::query::datadog::{Scope, tag};
use crate::routes::{Routes, channel, extra_recipients};
use instrumental_manifest::{Alert, Comparison, Condition, Query, Severity};
use serde_json::{Value, json};

/// Minutes after which an unacknowledged page is sent again.
const AGAIN: u64 = 30;

/// Returns the monitors of all alerts, as the API expects them.
pub(crate) fn of(
    deployment: &Deployment<'_>,
    alerts: &[&Alert],
    routes: &Routes,
) -> Result<Value, Error> {
    let monitors = alerts.iter().map(|alert| {
        let query = query(deployment, &alert.condition);
        let query = query.map_err(|why| Error::new(format!("{}: {why}", alert.place.source())))?;
        Ok(monitor(deployment, alert, &query, routes))
    });
    monitors.collect::<Result<Vec<_>, Error>>().map(Value::from)
}

fn monitor(deployment: &Deployment<'_>, alert: &Alert, query: &str, routes: &Routes) -> Value {
    let condition = &alert.condition;
    let mut options = json!({
        "thresholds": {"critical": limit(condition)},
        "include_tags": true,
        "require_full_window": false,
        "notify_no_data": condition.compare == Comparison::Absent,
    });
    if condition.compare == Comparison::Absent {
        // Datadog requires at least two windows, as the current one is incomplete.
        let seconds = (condition.window + condition.lasting).max(2.0 * condition.window);
        options["no_data_timeframe"] = minutes(seconds).into();
    }
    if alert.severity == Severity::P1 {
        options["renotify_interval"] = AGAIN.into();
        options["renotify_statuses"] = json!(["alert", "no data"]);
    }
    let service = &deployment.manifest.service.name;
    let mut tags = vec![tag("service", service), tag("env", deployment.environment)];
    tags.push(tag("severity", alert.severity.as_str()));
    if !alert.owner.is_empty() {
        tags.push(tag("team", &alert.owner));
    }
    json!({
        "name": format!("[{}] {service}: {}", alert.severity, describe::alert_title(deployment.manifest, alert)),
        "type": "query alert",
        "query": query,
        "message": message(deployment, alert, routes),
        "tags": tags,
        "priority": alert.severity as u64 + 1,
        "options": options,
    })
}

/// Returns the threshold at the end of the query.
fn limit(condition: &Condition) -> f64 {
    match condition.compare {
        Comparison::Absent => 0.0,
        _ => condition.threshold,
    }
}

/// Returns the query of a monitor: `sum(last_5m):expression > 0`.
fn query(deployment: &Deployment<'_>, condition: &Condition) -> Result<String, Error> {
    let of = [
        tag("service", &deployment.manifest.service.name),
        tag("env", deployment.environment),
    ];
    let scope = Scope {
        manifest: deployment.manifest,
        by: &[],
        of: &of,
        rollup: None,
        absent_is_zero: condition.compare == Comparison::Below,
        ago: None,
    };
    let (how, window) = evaluation(condition);
    let expression = match condition.past {
        None => scope.query(&condition.query)?,
        Some(past) => {
            // A ratio of rates is a ratio of counts, which are summed before the division.
            let query = match &condition.query {
                Query::Rate { of } => &Query::Increase { of: of.clone() },
                query => query,
            };
            let then = Scope {
                ago: Some(past as u64),
                absent_is_zero: false,
                ..scope
            };
            format!("{} / {}", scope.query(query)?, then.query(query)?)
        }
    };
    let operator = match condition.compare {
        Comparison::Above => ">",
        Comparison::Below => "<",
        Comparison::Absent => "<=",
    };
    Ok(format!(
        "{how}({}):{expression} {operator} {}",
        last(window),
        limit(condition)
    ))
}

/// Returns how a monitor aggregates the latest values, and over how many seconds.
fn evaluation(condition: &Condition) -> (&'static str, f64) {
    let (above, longest) = (
        condition.compare == Comparison::Above,
        condition.window.max(condition.lasting),
    );
    match &condition.query {
        // Each value is the count of an interval, so the sum is the count of the window.
        Query::Increase { .. } | Query::Total { .. } => ("sum", condition.window),
        Query::Share { .. } | Query::Average { .. } => ("sum", longest),
        Query::Rate { .. } if condition.past.is_some() => ("sum", longest),
        Query::Quantile { .. } if condition.past.is_none() => ("percentile", longest),
        Query::Rate { .. } | Query::Quantile { .. } => ("avg", longest),
        Query::Level { .. } | Query::Fraction { .. } if condition.lasting == 0.0 => {
            ("avg", condition.window)
        }
        Query::Level { .. } | Query::Fraction { .. } if above => ("min", condition.lasting),
        Query::Level { .. } | Query::Fraction { .. } => ("max", condition.lasting),
    }
}

/// Returns a warning about a quantile, for which a metric needs a setting in Datadog.
pub(crate) fn percentiles(alert: &Alert) -> Option<String> {
    let Query::Quantile { of, .. } = &alert.condition.query else {
        return None;
    };
    let (source, metric) = (alert.place.source(), &of.metric);
    Some(format!(
        "{source}: `{}` requires percentiles of `{metric}`; enable them in Datadog's Metrics Summary",
        alert.name
    ))
}

fn minutes(seconds: f64) -> u64 {
    (seconds / 60.0).ceil().max(1.0) as u64
}

/// Returns `last_5m`, at most a week.
fn last(seconds: f64) -> String {
    let minutes = minutes(seconds).min(7 * 24 * 60);
    if minutes.is_multiple_of(60) {
        format!("last_{}h", minutes / 60)
    } else {
        format!("last_{minutes}m")
    }
}

fn message(deployment: &Deployment<'_>, alert: &Alert, routes: &Routes) -> String {
    let mut lines = vec![
        plain(&alert.summary),
        plain(&format!("Impact: {}", alert.impact)),
        plain(&describe::condition(&alert.condition)),
    ];
    if !alert.runbook.is_empty() {
        lines.push(plain(&format!(
            "Runbook: {}",
            deployment.runbook_link(&alert.runbook)
        )));
    }
    lines.push(plain(&format!("Source: {}", alert.place.source())));
    let handles = handles(deployment, alert, routes);
    if !handles.is_empty() {
        lines.push(handles);
    }
    lines.join("\n")
}

/// Returns a text without special meaning in a message, where `@` starts a handle and `{{` a condition.
fn plain(text: &str) -> String {
    text.replace('@', "(at)")
        .replace("{{", "{ {")
        .replace("}}", "} }")
}

fn handles(deployment: &Deployment<'_>, alert: &Alert, routes: &Routes) -> String {
    let severity = alert.severity.as_str();
    let on_call = if alert.owner.is_empty() {
        &deployment.manifest.service.name
    } else {
        &alert.owner
    };
    let mail = routes
        .mail
        .as_ref()
        .map(|mail| format!(" @{mail}"))
        .unwrap_or_default();
    let default = match alert.severity {
        Severity::P1 => format!("@pagerduty-{} @slack-alerts", handle(on_call)),
        Severity::P2 => format!("@slack-alerts{mail}"),
        Severity::P3 => "@slack-monitoring".into(),
        Severity::P4 => String::new(),
    };
    let mut all = vec![routes.datadog.get(severity).cloned().unwrap_or(default)];
    for who in &extra_recipients(alert) {
        let default = || format!("@slack-{}", handle(channel(who).trim_start_matches('#')));
        all.push(routes.datadog.get(who).cloned().unwrap_or_else(default));
    }
    all.retain(|handle| !handle.is_empty());
    all.join(" ")
}

/// Returns a name as a part of a handle, which ends at the first character of another kind.
fn handle(name: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    name.chars()
        .map(|c| if kept(c) { c } else { '-' })
        .collect()
}
