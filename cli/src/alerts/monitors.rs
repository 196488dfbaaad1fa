//! Datadog's monitors.

use super::Context;
use super::routes::{Routes, besides, channel};
use crate::failure::Failure;
use crate::manifest::{Alert, Compare, Condition, Query, Severity};
use crate::query::datadog::{Scope, tag};
use crate::words;
use serde_json::{Value, json};

/// Minutes after which a page that nobody took is sent again.
const AGAIN: u64 = 30;

/// The monitors of all alerts, as its API takes them.
pub(crate) fn of(
    context: &Context<'_>,
    alerts: &[&Alert],
    routes: &Routes,
) -> Result<Value, Failure> {
    let monitors = alerts.iter().map(|alert| {
        let query = query(context, &alert.condition);
        let query =
            query.map_err(|why| Failure::new(format!("{}: {why}", alert.place.source())))?;
        Ok(monitor(context, alert, &query, routes))
    });
    monitors
        .collect::<Result<Vec<_>, Failure>>()
        .map(Value::from)
}

fn monitor(context: &Context<'_>, alert: &Alert, query: &str, routes: &Routes) -> Value {
    let condition = &alert.condition;
    let mut options = json!({
        "thresholds": {"critical": limit(condition)},
        "include_tags": true,
        "require_full_window": false,
        "notify_no_data": condition.compare == Compare::Absent,
    });
    if condition.compare == Compare::Absent {
        // A window that has not ended yet says nothing: Datadog asks for two.
        let seconds = (condition.window + condition.lasting).max(2.0 * condition.window);
        options["no_data_timeframe"] = minutes(seconds).into();
    }
    if alert.severity == Severity::P1 {
        options["renotify_interval"] = AGAIN.into();
        options["renotify_statuses"] = json!(["alert", "no data"]);
    }
    let service = &context.manifest.service.name;
    let mut tags = vec![tag("service", service), tag("env", context.environment)];
    tags.push(tag("severity", &format!("{:?}", alert.severity)));
    if !alert.owner.is_empty() {
        tags.push(tag("team", &alert.owner));
    }
    json!({
        "name": format!("[{:?}] {service}: {}", alert.severity, words::title(context.manifest, alert)),
        "type": "query alert",
        "query": query,
        "message": message(context, alert, routes),
        "tags": tags,
        "priority": alert.severity as u64 + 1,
        "options": options,
    })
}

/// The threshold that the query ends with.
fn limit(condition: &Condition) -> f64 {
    match condition.compare {
        Compare::Absent => 0.0,
        _ => condition.threshold,
    }
}

/// `sum(last_5m):expression > 0`.
fn query(context: &Context<'_>, condition: &Condition) -> Result<String, Failure> {
    let of = [
        tag("service", &context.manifest.service.name),
        tag("env", context.environment),
    ];
    let scope = Scope {
        manifest: context.manifest,
        by: &[],
        of: &of,
        rollup: None,
        absent_is_zero: condition.compare == Compare::Below,
        ago: None,
    };
    let (how, window) = evaluation(condition);
    let expression = match condition.past {
        None => scope.query(&condition.query)?,
        Some(past) => {
            // Twice the rate is twice the count, and counts are added up before they are divided.
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
        Compare::Above => ">",
        Compare::Below => "<",
        Compare::Absent => "<=",
    };
    Ok(format!(
        "{how}({}):{expression} {operator} {}",
        last(window),
        limit(condition)
    ))
}

/// How a monitor makes one value of the last ones, and of how many seconds.
fn evaluation(condition: &Condition) -> (&'static str, f64) {
    let (above, longest) = (
        condition.compare == Compare::Above,
        condition.window.max(condition.lasting),
    );
    match &condition.query {
        // Each of the window's counts is one value: only their sum says how many there were.
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

/// What has to be turned on there for a quantile.
pub(crate) fn percentiles(alert: &Alert) -> Option<String> {
    let Query::Quantile { of, .. } = &alert.condition.query else {
        return None;
    };
    let (source, metric) = (alert.place.source(), &of.metric);
    Some(format!(
        "{source}: `{}` needs the percentiles of `{metric}`, which Datadog keeps where they are turned on (Metrics Summary)",
        alert.name
    ))
}

fn minutes(seconds: f64) -> u64 {
    (seconds / 60.0).ceil().max(1.0) as u64
}

/// `last_5m`: minutes up to a week, or hours.
fn last(seconds: f64) -> String {
    let minutes = minutes(seconds).min(7 * 24 * 60);
    if minutes.is_multiple_of(60) {
        format!("last_{}h", minutes / 60)
    } else {
        format!("last_{minutes}m")
    }
}

fn message(context: &Context<'_>, alert: &Alert, routes: &Routes) -> String {
    let mut lines = vec![
        plain(&alert.summary),
        plain(&format!("Impact: {}", alert.impact)),
        plain(&words::condition(&alert.condition)),
    ];
    if !alert.runbook.is_empty() {
        lines.push(plain(&format!("Runbook: {}", context.link(&alert.runbook))));
    }
    lines.push(plain(&format!("Source: {}", alert.place.source())));
    let handles = handles(context, alert, routes);
    if !handles.is_empty() {
        lines.push(handles);
    }
    lines.join("\n")
}

/// A text that tells nobody and switches nothing: `@` begins a handle there, `{{` a condition.
fn plain(text: &str) -> String {
    text.replace('@', "(at)")
        .replace("{{", "{ {")
        .replace("}}", "} }")
}

fn handles(context: &Context<'_>, alert: &Alert, routes: &Routes) -> String {
    let severity = format!("{:?}", alert.severity);
    let on_call = if alert.owner.is_empty() {
        &context.manifest.service.name
    } else {
        &alert.owner
    };
    let mail = routes
        .mail
        .as_ref()
        .map(|mail| format!(" @{mail}"))
        .unwrap_or_default();
    let usual = match alert.severity {
        Severity::P1 => format!("@pagerduty-{} @slack-alerts", handle(on_call)),
        Severity::P2 => format!("@slack-alerts{mail}"),
        Severity::P3 => "@slack-monitoring".into(),
        Severity::P4 => String::new(),
    };
    let mut all = vec![routes.datadog.get(&severity).cloned().unwrap_or(usual)];
    for who in &besides(alert) {
        let usual = || format!("@slack-{}", handle(channel(who).trim_start_matches('#')));
        all.push(routes.datadog.get(who).cloned().unwrap_or_else(usual));
    }
    all.retain(|handle| !handle.is_empty());
    all.join(" ")
}

/// A name as a part of a handle, which ends at the first other character.
fn handle(name: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    name.chars()
        .map(|c| if kept(c) { c } else { '-' })
        .collect()
}
