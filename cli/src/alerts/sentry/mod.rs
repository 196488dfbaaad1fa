//! Sentry's alert rules, as its public API takes them: metric alerts at `organizations/{slug}/alert-rules/`, issue alerts
//! at `projects/{slug}/{slug}/rules/`.
//!
//! Sentry knows errors and transactions. An alert on anything else is left out, and why is said.

mod search;

use super::Context;
use super::routes::{Routes, channels};
use crate::manifest::{Alert, Compare, Condition, Is, Query, Selection, Severity};
use crate::words;
use serde_json::{Value, json};

/// Errors of one kind of one function that a program reports in a minute at most; the rest is only counted.
const REPORTED_A_MINUTE: f64 = 30.0;
/// Minutes that Sentry looks back over.
const WINDOWS: [u64; 9] = [1, 5, 10, 15, 30, 60, 120, 240, 1440];
/// Intervals of its issue alerts, with their minutes.
const INTERVALS: [(&str, u64); 6] = [
    ("1m", 1),
    ("5m", 5),
    ("15m", 15),
    ("1h", 60),
    ("1d", 1440),
    ("1w", 10_080),
];
/// The longest name of a rule.
const MAX_NAME: usize = 256;

/// What Sentry measures.
struct Measure {
    aggregate: String,
    dataset: &'static str,
    query: String,
    /// Sentry's threshold for the condition's.
    limit: f64,
    events: bool,
}

/// The rules, and a remark for each alert that is left out.
pub(crate) fn of(
    context: &Context<'_>,
    alerts: &[&Alert],
    routes: &Routes,
) -> (Value, Vec<String>) {
    let (mut metric, mut issue, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for alert in alerts {
        match single_issue(&alert.condition) {
            Some(kind) => issue.push(issue_rule(context, alert, routes, kind)),
            None => match measure(context, &alert.condition) {
                Ok(measure) => metric.push(metric_rule(context, alert, routes, &measure)),
                Err(why) => left.push(format!(
                    "{}: `{}` is not in Sentry: {why}",
                    alert.place.source(),
                    alert.name
                )),
            },
        }
    }
    (
        json!({"metric_alerts": metric, "issue_alerts": issue}),
        left,
    )
}

fn name(context: &Context<'_>, alert: &Alert) -> String {
    let service = &context.manifest.service.name;
    let name = format!(
        "[{:?}] {service}: {}",
        alert.severity,
        words::title(context.manifest, alert)
    );
    name.chars().take(MAX_NAME).collect()
}

fn metric_rule(context: &Context<'_>, alert: &Alert, routes: &Routes, measure: &Measure) -> Value {
    let condition = &alert.condition;
    let project = routes
        .sentry
        .project
        .as_ref()
        .unwrap_or(&context.manifest.service.name);
    let longest = condition.window.max(if counts(&condition.query) {
        0.0
    } else {
        condition.lasting
    });
    let mut rule = json!({
        "name": name(context, alert),
        "aggregate": measure.aggregate,
        "timeWindow": window(longest),
        "projects": [project],
        "query": measure.query,
        "thresholdType": u8::from(condition.compare == Compare::Below),
        // A trigger of this name has to be there, whatever the severity.
        "triggers": [{"label": "critical", "alertThreshold": measure.limit, "actions": actions(alert, routes)}],
        "environment": context.environment,
        "dataset": measure.dataset,
        "queryType": u8::from(!measure.events),
        "eventTypes": [if measure.events { "error" } else { "transaction" }],
    });
    if let Some(past) = condition.past {
        rule["comparisonDelta"] = ((past / 60.0).ceil() as u64).into();
    }
    rule
}

/// Whom a rule tells; nobody where the ids of the integrations are not given.
fn actions(alert: &Alert, routes: &Routes) -> Value {
    let mut actions = Vec::new();
    if let (Severity::P1, Some((integration, service))) = (alert.severity, routes.sentry.pagerduty)
    {
        actions.push(json!({
            "type": "pagerduty", "targetType": "specific", "targetIdentifier": service,
            "integrationId": integration, "priority": "critical",
        }));
    }
    if let Some(integration) = routes.sentry.slack {
        for channel in channels(alert) {
            actions.push(json!({
                "type": "slack", "targetType": "specific", "targetIdentifier": channel, "integrationId": integration,
            }));
        }
    }
    actions.into()
}

/// One kind of error of one function is one issue of Sentry's: it counts that by itself.
struct Issue {
    function: String,
    error: String,
    value: u64,
    interval: &'static str,
}

fn single_issue(condition: &Condition) -> Option<Issue> {
    let (of, a_minute) = match &condition.query {
        Query::Rate { of } => (of, 60.0),
        Query::Increase { of } => (of, 60.0 / condition.window),
        _ => return None,
    };
    let [selection] = of.as_slice() else {
        return None;
    };
    let single = |name: &str| {
        let matcher = selection
            .matchers
            .iter()
            .find(|matcher| matcher.label == name)?;
        match (matcher.is, matcher.values.as_slice()) {
            (Is::In, [value]) => Some(value.clone()),
            _ => None,
        }
    };
    let fits = selection.metric == "function.errors"
        && condition.compare == Compare::Above
        && condition.past.is_none();
    let (function, error) = (single("function")?, single("error")?);
    let limit = condition.threshold * a_minute;
    if !fits || limit > REPORTED_A_MINUTE {
        return None;
    }
    let minutes = condition.window / 60.0;
    let (interval, minutes) = *INTERVALS.iter().find(|(_, size)| *size as f64 >= minutes)?;
    // It counts whole events, more than which fire.
    let value = (limit * minutes as f64 + 1e-9).floor() as u64;
    Some(Issue {
        function,
        error,
        value,
        interval,
    })
}

fn issue_rule(context: &Context<'_>, alert: &Alert, routes: &Routes, issue: Issue) -> Value {
    let mut actions = vec![json!({
        "id": "sentry.mail.actions.NotifyEmailAction", "targetType": "IssueOwners", "fallthroughType": "ActiveMembers",
    })];
    if let Some(workspace) = routes.sentry.slack {
        for channel in channels(alert) {
            actions.push(json!({
                "id": "sentry.integrations.slack.notify_action.SlackNotifyServiceAction",
                "workspace": workspace, "channel": channel, "tags": "environment,level",
            }));
        }
    }
    if let (Severity::P1, Some((account, service))) = (alert.severity, routes.sentry.pagerduty) {
        actions.push(json!({
            "id": "sentry.integrations.pagerduty.notify_action.PagerDutyNotifyServiceAction",
            "account": account, "service": service, "severity": "critical",
        }));
    }
    let equals = |attribute: &str, value: &str| {
        json!({
            "id": "sentry.rules.conditions.event_attribute.EventAttributeCondition",
            "attribute": attribute, "match": "eq", "value": value,
        })
    };
    let module = context
        .manifest
        .functions
        .iter()
        .find(|function| function.name == issue.function);
    let mut filters = vec![equals("exception.type", &issue.error)];
    filters.extend(module.map(|function| equals("stacktrace.module", &function.place.module)));
    json!({
        "name": name(context, alert),
        "frequency": if alert.severity == Severity::P1 { 30 } else { 240 },
        "actionMatch": "all",
        "conditions": [{
            "id": "sentry.rules.conditions.event_frequency.EventFrequencyCondition",
            "value": issue.value, "interval": issue.interval,
        }],
        "filterMatch": "all",
        "filters": filters,
        "actions": actions,
        "environment": context.environment,
    })
}

fn counts(query: &Query) -> bool {
    matches!(query, Query::Increase { .. } | Query::Total { .. })
}

fn window(seconds: f64) -> u64 {
    let minutes = seconds / 60.0;
    let fits = WINDOWS.into_iter().find(|window| *window as f64 >= minutes);
    fits.unwrap_or(1440)
}

/// What Sentry would measure for it.
fn measure(context: &Context<'_>, condition: &Condition) -> Result<Measure, String> {
    if condition.compare == Compare::Absent {
        return Err("it tells of what arrives, not of what does not".into());
    }
    let transactions = |aggregate: String, query: String, limit: f64| {
        Ok(Measure {
            aggregate,
            dataset: "transactions",
            query,
            limit: threshold(condition, limit)?,
            events: false,
        })
    };
    match &condition.query {
        Query::Share { part, whole } => {
            let query = search::share(context, part, whole)?;
            transactions("failure_rate()".into(), query, condition.threshold)
        }
        Query::Average { of } => {
            let query = search::duration(context, of)?;
            transactions(
                "avg(transaction.duration)".into(),
                query,
                condition.threshold * 1e3,
            )
        }
        Query::Quantile { q, of } => {
            let query = search::duration(context, of)?;
            transactions(
                format!("percentile(transaction.duration,{q})"),
                query,
                condition.threshold * 1e3,
            )
        }
        Query::Rate { of } => errors(
            context,
            condition,
            of,
            window(condition.window.max(condition.lasting)) as f64 * 60.0,
        ),
        Query::Increase { of } => errors(
            context,
            condition,
            of,
            window(condition.window) as f64 * 60.0 / condition.window,
        ),
        Query::Total { .. } | Query::Level { .. } | Query::Fraction { .. } => {
            Err("it knows errors and transactions, and neither sums nor levels".into())
        }
    }
}

/// Sentry's threshold: `limit`, or compared with the past how many percent more or less it is than then.
fn threshold(condition: &Condition, limit: f64) -> Result<f64, String> {
    if condition.past.is_none() {
        return Ok(limit);
    }
    let more = match condition.compare {
        Compare::Above => condition.threshold - 1.0,
        _ => 1.0 - condition.threshold,
    };
    if more > 0.0 {
        Ok((more * 1e6).round() / 1e4)
    } else {
        Err("compared with the past it tells of more that is more, or of less that is less".into())
    }
}

/// Errors as events. `factor` makes a count within Sentry's window of the threshold.
fn errors(
    context: &Context<'_>,
    condition: &Condition,
    of: &[Selection],
    factor: f64,
) -> Result<Measure, String> {
    let terms = of.iter().map(|selection| search::error(context, selection));
    let terms = terms.collect::<Result<Vec<_>, String>>()?;
    let per_second = match condition.query {
        Query::Increase { .. } => condition.threshold / condition.window,
        _ => condition.threshold,
    };
    if condition.past.is_none() && per_second * 60.0 > REPORTED_A_MINUTE {
        return Err(format!(
            "of each kind of error {REPORTED_A_MINUTE} a minute are reported at most, and the threshold is above that"
        ));
    }
    Ok(Measure {
        aggregate: "count()".into(),
        dataset: "events",
        query: match terms.as_slice() {
            [one] => one.clone(),
            several => format!("({})", several.join(" OR ")),
        },
        limit: threshold(condition, condition.threshold * factor)?,
        events: true,
    })
}
