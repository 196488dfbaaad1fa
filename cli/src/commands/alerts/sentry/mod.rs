//! Sentry's alert rules, as its public API takes them: metric alerts at `organizations/{slug}/alert-rules/`, issue alerts
//! at `projects/{slug}/{slug}/rules/`.
//!
//! Sentry has errors and transactions only. An alert on anything else is skipped with a warning.

mod search;

use crate::deployment::Deployment;
use crate::describe;
use crate::routes::{Routes, channels};
use instrumental_manifest::{
    Alert, Comparison, Condition, MatchOperator, Query, Selection, Severity,
};
use serde_json::{Value, json};

/// The maximum number of errors per minute that a program reports for one kind of error of one function.
const REPORTED_PER_MINUTE: f64 = 30.0;
/// The windows that Sentry supports, in minutes.
const WINDOWS: [u64; 9] = [1, 5, 10, 15, 30, 60, 120, 240, 1440];
/// The intervals of issue alerts, with their minutes.
const INTERVALS: [(&str, u64); 6] = [
    ("1m", 1),
    ("5m", 5),
    ("15m", 15),
    ("1h", 60),
    ("1d", 1440),
    ("1w", 10_080),
];
/// The maximum length of a rule's name.
const MAX_NAME: usize = 256;

/// A number that Sentry measures.
struct Measure {
    aggregate: String,
    dataset: &'static str,
    query: String,
    /// The condition's threshold in Sentry's unit.
    limit: f64,
    events: bool,
}

/// Returns the rules, and a warning for each alert that is skipped.
pub(crate) fn of(
    deployment: &Deployment<'_>,
    alerts: &[&Alert],
    routes: &Routes,
) -> (Value, Vec<String>) {
    let (mut metric, mut issue, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for alert in alerts {
        match single_issue(&alert.condition) {
            Some(kind) => issue.push(issue_rule(deployment, alert, routes, kind)),
            None => match measure(deployment, &alert.condition) {
                Ok(measure) => metric.push(metric_rule(deployment, alert, routes, &measure)),
                Err(why) => warnings.push(format!(
                    "{}: `{}` has no equivalent in Sentry: {why}",
                    alert.place.source(),
                    alert.name
                )),
            },
        }
    }
    (
        json!({"metric_alerts": metric, "issue_alerts": issue}),
        warnings,
    )
}

fn name(deployment: &Deployment<'_>, alert: &Alert) -> String {
    let service = &deployment.manifest.service.name;
    let name = format!(
        "[{}] {service}: {}",
        alert.severity,
        describe::alert_title(deployment.manifest, alert)
    );
    name.chars().take(MAX_NAME).collect()
}

fn metric_rule(
    deployment: &Deployment<'_>,
    alert: &Alert,
    routes: &Routes,
    measure: &Measure,
) -> Value {
    let condition = &alert.condition;
    let project = routes
        .sentry
        .project
        .as_ref()
        .unwrap_or(&deployment.manifest.service.name);
    let longest = condition.window.max(if counts(&condition.query) {
        0.0
    } else {
        condition.lasting
    });
    let mut rule = json!({
        "name": name(deployment, alert),
        "aggregate": measure.aggregate,
        "timeWindow": window(longest),
        "projects": [project],
        "query": measure.query,
        "thresholdType": u8::from(condition.compare == Comparison::Below),
        // Sentry requires a trigger with this name for every severity.
        "triggers": [{"label": "critical", "alertThreshold": measure.limit, "actions": actions(alert, routes)}],
        "environment": deployment.environment,
        "dataset": measure.dataset,
        "queryType": u8::from(!measure.events),
        "eventTypes": [if measure.events { "error" } else { "transaction" }],
    });
    if let Some(past) = condition.past {
        rule["comparisonDelta"] = ((past / 60.0).ceil() as u64).into();
    }
    rule
}

/// Returns the notifications of a rule; none if the routes lack the ids of the integrations.
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

/// One kind of error of one function, which is one issue in Sentry.
struct Issue {
    function: String,
    error: String,
    value: u64,
    interval: &'static str,
}

fn single_issue(condition: &Condition) -> Option<Issue> {
    let (of, per_minute) = match &condition.query {
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
            (MatchOperator::In, [value]) => Some(value.clone()),
            _ => None,
        }
    };
    let fits = selection.metric == "function.errors"
        && condition.compare == Comparison::Above
        && condition.past.is_none();
    let (function, error) = (single("function")?, single("error")?);
    let limit = condition.threshold * per_minute;
    if !fits || limit > REPORTED_PER_MINUTE {
        return None;
    }
    let minutes = condition.window / 60.0;
    let (interval, minutes) = *INTERVALS.iter().find(|(_, size)| *size as f64 >= minutes)?;
    // The alert fires if there are more events than this whole number.
    let value = (limit * minutes as f64 + 1e-9).floor() as u64;
    Some(Issue {
        function,
        error,
        value,
        interval,
    })
}

fn issue_rule(deployment: &Deployment<'_>, alert: &Alert, routes: &Routes, issue: Issue) -> Value {
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
    let module = deployment
        .manifest
        .functions
        .iter()
        .find(|function| function.name == issue.function);
    let mut filters = vec![equals("exception.type", &issue.error)];
    filters.extend(module.map(|function| equals("stacktrace.module", &function.place.module)));
    json!({
        "name": name(deployment, alert),
        "frequency": if alert.severity == Severity::P1 { 30 } else { 240 },
        "actionMatch": "all",
        "conditions": [{
            "id": "sentry.rules.conditions.event_frequency.EventFrequencyCondition",
            "value": issue.value, "interval": issue.interval,
        }],
        "filterMatch": "all",
        "filters": filters,
        "actions": actions,
        "environment": deployment.environment,
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

/// Returns what Sentry measures for a condition.
fn measure(deployment: &Deployment<'_>, condition: &Condition) -> Result<Measure, String> {
    if condition.compare == Comparison::Absent {
        return Err("it cannot detect the absence of events".into());
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
            let query = search::share(deployment, part, whole)?;
            transactions("failure_rate()".into(), query, condition.threshold)
        }
        Query::Average { of } => {
            let query = search::duration(deployment, of)?;
            transactions(
                "avg(transaction.duration)".into(),
                query,
                condition.threshold * 1e3,
            )
        }
        Query::Quantile { q, of } => {
            let query = search::duration(deployment, of)?;
            transactions(
                format!("percentile(transaction.duration,{q})"),
                query,
                condition.threshold * 1e3,
            )
        }
        Query::Rate { of } => errors(
            deployment,
            condition,
            of,
            window(condition.window.max(condition.lasting)) as f64 * 60.0,
        ),
        Query::Increase { of } => errors(
            deployment,
            condition,
            of,
            window(condition.window) as f64 * 60.0 / condition.window,
        ),
        Query::Total { .. } | Query::Level { .. } | Query::Fraction { .. } => {
            Err("it has neither sums nor gauges".into())
        }
    }
}

/// Returns the limit, or for a comparison with the past the change in percent.
fn threshold(condition: &Condition, limit: f64) -> Result<f64, String> {
    if condition.past.is_none() {
        return Ok(limit);
    }
    let more = match condition.compare {
        Comparison::Above => condition.threshold - 1.0,
        _ => 1.0 - condition.threshold,
    };
    if more > 0.0 {
        Ok((more * 1e6).round() / 1e4)
    } else {
        Err("in a comparison with the past, `above` requires a factor over 1, and `below` one under 1".into())
    }
}

/// Returns a count of errors. `factor` converts the threshold to a count within Sentry's window.
fn errors(
    deployment: &Deployment<'_>,
    condition: &Condition,
    of: &[Selection],
    factor: f64,
) -> Result<Measure, String> {
    let terms = of
        .iter()
        .map(|selection| search::error(deployment, selection));
    let terms = terms.collect::<Result<Vec<_>, String>>()?;
    let per_second = match condition.query {
        Query::Increase { .. } => condition.threshold / condition.window,
        _ => condition.threshold,
    };
    if condition.past.is_none() && per_second * 60.0 > REPORTED_PER_MINUTE {
        return Err(format!(
            "a program reports at most {REPORTED_PER_MINUTE} errors of a kind per minute, which is below the threshold"
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
