//! The steps of the incident procedure, filled in for one alert.

use super::watched::{Watched, place};
use crate::deployment::Deployment;
use crate::error::Error;
use crate::markdown::{code, link, text};
use crate::query::sentry::{quote, term};
use crate::query::{self, promql};
use instrumental_manifest::{Alert, Comparison, MatchOperator, Metric, Origin, Severity};

pub(super) fn of(
    deployment: &Deployment<'_>,
    alert: &Alert,
    watched: &Watched<'_>,
) -> Result<Vec<String>, Error> {
    let runbook = match alert.runbook.as_str() {
        "" => "This alert has no runbook of its own; write down what helped.".to_owned(),
        runbook => format!("Follow {}.", link(&deployment.runbook_link(runbook))),
    };
    let backup = match alert.severity {
        Severity::P1 => {
            "The alert is critical: page the backup engineer if the cause is not understood within 15 minutes."
        }
        _ => "The alert is not critical: page others only if that changes.",
    };
    let errors = code(&search(deployment, alert, watched));
    Ok(vec![
        dashboard(deployment, watched),
        "Review the recent changes above, and what was deployed last.".into(),
        external(deployment)?,
        format!("Review the errors in Sentry: {errors}."),
        runbook,
        backup.into(),
        "Write down what happened: the start, the observations, the actions.".into(),
        "Hold the post-mortem within 24 hours.".into(),
    ])
}

fn dashboard(deployment: &Deployment<'_>, watched: &Watched<'_>) -> String {
    let is_of = |origin| move |metric: &&Metric| metric.origin == origin;
    let mut metrics = watched.metrics.iter();
    let which = if metrics.clone().any(is_of(Origin::Event)) {
        "business"
    } else if metrics.all(is_of(Origin::Library)) {
        "performance"
    } else {
        "overview"
    };
    let service = text(&deployment.manifest.service.name);
    let at = match deployment.dashboards_link().as_str() {
        "" => String::new(),
        address => format!(" ({})", link(address)),
    };
    format!(
        "Look at the {which} dashboard of {service} in Datadog or Grafana{at}, and at the queries above."
    )
}

/// Returns the step about the services that the program calls.
fn external(deployment: &Deployment<'_>) -> Result<String, Error> {
    let clients: Vec<_> = deployment
        .manifest
        .functions
        .iter()
        .filter(|f| f.kind == "client")
        .collect();
    if clients.is_empty() {
        return Ok(
            "Check the services that it depends on; none of its functions has `kind = client`."
                .into(),
        );
    }
    let names: Vec<_> = clients.iter().map(|function| place(function)).collect();
    let functions: Vec<_> = clients.iter().map(|f| f.name.as_str()).collect();
    let share = query::failing(&functions, None);
    let by = ["function"];
    let scope = promql::Scope {
        by: &by,
        ..deployment.scope("5m")
    };
    let query = scope.query(&share)?;
    Ok(format!(
        "Check the status of the services that it calls, through {}. The ratio of these calls that fail: {}.",
        names.join(", "),
        code(&query)
    ))
}

/// Returns a Sentry search for the errors that belong to the alert.
fn search(deployment: &Deployment<'_>, alert: &Alert, watched: &Watched<'_>) -> String {
    let mut terms = vec![
        "is:unresolved".to_owned(),
        format!("environment:{}", quote(deployment.environment)),
    ];
    let mut add = |field, values: Vec<String>| {
        if !values.is_empty() {
            terms.push(term(field, MatchOperator::In, &values));
        }
    };
    let functions = watched.functions.iter();
    add(
        "stack.function",
        functions.map(|function| function.name.clone()).collect(),
    );
    if alert.condition.compare != Comparison::Absent {
        let selections = query::selections(&alert.condition.query);
        let matchers = selections.iter().flat_map(|one| &one.matchers);
        let errors = matchers.filter(|matcher| matcher.label == "error");
        add(
            "error.type",
            errors.flat_map(|matcher| matcher.values.clone()).collect(),
        );
    }
    terms.join(" ")
}
