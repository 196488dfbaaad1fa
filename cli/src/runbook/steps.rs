//! What to do, one after another: the procedure that every alert has, made this one's.

use super::{Watched, place};
use crate::alerts::Context;
use crate::failure::Failure;
use crate::manifest::{Alert, Compare, Is, Metric, Origin, Severity};
use crate::markdown::{code, link, text};
use crate::query::sentry::{quote, term};
use crate::query::{self, promql};

pub(super) fn of(
    context: &Context<'_>,
    alert: &Alert,
    watched: &Watched<'_>,
) -> Result<Vec<String>, Failure> {
    let runbook = match alert.runbook.as_str() {
        "" => "There is no runbook of its own for this alert: write down what helped.".to_owned(),
        runbook => format!("Follow {}.", link(&context.link(runbook))),
    };
    let backup = match alert.severity {
        Severity::P1 => {
            "It is critical: page the backup engineer if it is not understood within 15 minutes."
        }
        _ => "It is not critical: page nobody else, unless it becomes so.",
    };
    let errors = code(&search(context, alert, watched));
    Ok(vec![
        dashboard(context, watched),
        "Review the recent changes above, and what was deployed last.".into(),
        external(context)?,
        format!("Review the errors in Sentry: {errors}."),
        runbook,
        backup.into(),
        "Write down what happened: when it began, what was seen, what was done.".into(),
        "Hold the post-mortem within 24 hours.".into(),
    ])
}

fn dashboard(context: &Context<'_>, watched: &Watched<'_>) -> String {
    let is_of = |origin| move |metric: &&Metric| metric.origin == origin;
    let mut metrics = watched.metrics.iter();
    let which = if metrics.clone().any(is_of(Origin::Event)) {
        "business"
    } else if metrics.all(is_of(Origin::Library)) {
        "performance"
    } else {
        "overview"
    };
    let service = text(&context.manifest.service.name);
    let at = match context.dashboard().as_str() {
        "" => String::new(),
        address => format!(" ({})", link(address)),
    };
    format!(
        "Look at the {which} dashboard of {service} in Datadog or Grafana{at}, and at the queries above."
    )
}

/// Services that the program calls, and how those calls do.
fn external(context: &Context<'_>) -> Result<String, Failure> {
    let clients: Vec<_> = context
        .manifest
        .functions
        .iter()
        .filter(|f| f.kind == "client")
        .collect();
    if clients.is_empty() {
        return Ok(
            "Check the services it depends on: none of its functions is marked as a client of one."
                .into(),
        );
    }
    let names: Vec<_> = clients.iter().map(|function| place(function)).collect();
    let functions: Vec<_> = clients.iter().map(|f| f.name.as_str()).collect();
    let share = query::failing(&functions, None);
    let by = ["function"];
    let scope = promql::Scope {
        by: &by,
        ..context.scope("5m")
    };
    let query = scope.query(&share)?;
    Ok(format!(
        "Check the status of the services that it calls, through {}. The part of these calls that fail: {}.",
        names.join(", "),
        code(&query)
    ))
}

/// A search for the errors that belong to it.
fn search(context: &Context<'_>, alert: &Alert, watched: &Watched<'_>) -> String {
    let mut terms = vec![
        "is:unresolved".to_owned(),
        format!("environment:{}", quote(context.environment)),
    ];
    let mut add = |field, values: Vec<String>| {
        if !values.is_empty() {
            terms.push(term(field, Is::In, &values));
        }
    };
    let functions = watched.functions.iter();
    add(
        "stack.function",
        functions.map(|function| function.name.clone()).collect(),
    );
    if alert.condition.compare != Compare::Absent {
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
