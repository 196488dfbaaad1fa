//! `cargo instrumental runbook`: the page that whoever is on call reads when an alert fires.

mod changes;

use crate::alerts::routes::besides;
use crate::alerts::{Context, Surroundings, rules, words};
use crate::failure::Failure;
use crate::manifest::{Alert, Compare, Function, Manifest, Metric, Origin, Severity};
use crate::markdown::{block, code, link, text};
use crate::output;
use crate::query::{self, datadog, promql};
use clap::Args;
use std::path::PathBuf;

/// By how many labels a query is also given.
const BREAKDOWNS: usize = 3;

/// Which alert.
#[derive(Args, Debug)]
pub(crate) struct Runbook {
    /// The alert, by its function's name or as it is called in the alert that came; all unless given.
    pub alert: Option<String>,
    /// The folder that the pages go to, one file each; else they are printed.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub surroundings: Surroundings,
}

/// Does the command.
pub(crate) fn run(manifest: &Manifest, command: &Runbook) -> Result<(), Failure> {
    let context = Context::new(manifest, &command.surroundings);
    for alert in wanted(manifest, command.alert.as_deref())? {
        let page = page(&context, alert)?;
        match &command.out {
            Some(folder) => {
                let path = folder.join(format!("{}.md", words::title(manifest, alert)));
                output::replace(&path, &page)?;
                output::print(&format!("{}\n", path.display()))?;
            }
            None => output::print(&page)?,
        }
    }
    Ok(())
}

fn wanted<'m>(manifest: &'m Manifest, name: Option<&str>) -> Result<Vec<&'m Alert>, Failure> {
    let all = manifest.alerts.iter();
    let Some(name) = name else {
        return Ok(all.collect());
    };
    let is_meant = |alert: &&Alert| alert.name == name || words::title(manifest, alert) == name;
    let found: Vec<_> = all.filter(is_meant).collect();
    if found.is_empty() {
        let names: Vec<_> = manifest
            .alerts
            .iter()
            .map(|alert| alert.name.as_str())
            .collect();
        let names = if names.is_empty() {
            "it declares none".into()
        } else {
            format!("it declares {}", names.join(", "))
        };
        return Err(Failure::new(format!(
            "the program has no alert `{name}`: {names}"
        )));
    }
    Ok(found)
}

/// The page of an alert.
fn page(context: &Context<'_>, alert: &Alert) -> Result<String, Failure> {
    let rule = rules::of(context, alert)?;
    let watched = Watched::of(context.manifest, alert)?;
    let mut out = head(context, alert);
    out.push_str(
        "## Queries\n\nThe alert's condition in Prometheus; it has a value while it holds:\n\n",
    );
    out.push_str(&block("promql", &rule.expression));
    out.push_str(&numbers(context, alert)?);
    out.push_str("## What it watches\n\n");
    for metric in &watched.metrics {
        let place = if metric.origin == Origin::Library {
            String::new()
        } else {
            format!(", {}", code(&metric.place.source()))
        };
        let (name, help) = (code(&metric.name), text(&metric.help));
        out.push_str(&format!(
            "- {name}: {help} {}{place}\n",
            code(&metric.prometheus)
        ));
    }
    for function in &watched.functions {
        out.push_str(&format!("- {}\n", place(function)));
    }
    out.push_str("\n## Recent changes\n\n");
    out.push_str(&changes::of(&watched.files(context.manifest, alert)));
    out.push_str("\n## Steps\n\n");
    for (n, step) in steps(context, alert, &watched)?.iter().enumerate() {
        out.push_str(&format!("{}. {step}\n", n + 1));
    }
    out.push('\n');
    Ok(out)
}

/// What it means, and to whom.
fn head(context: &Context<'_>, alert: &Alert) -> String {
    let severity = match alert.severity {
        Severity::P1 => "P1, critical",
        Severity::P2 => "P2, high",
        Severity::P3 => "P3, medium",
        Severity::P4 => "P4, low",
    };
    let mut told = vec![match alert.severity {
        Severity::P1 => "the engineer on call is paged; \\#alerts".to_owned(),
        Severity::P2 => "\\#alerts and mail".to_owned(),
        Severity::P3 => "\\#monitoring".to_owned(),
        Severity::P4 => "nobody: it is shown on the dashboards".to_owned(),
    }];
    told.extend(besides(alert).iter().map(|who| text(who)));
    let title = text(&words::title(context.manifest, alert));
    let mut lines = vec![
        ("Impact", text(&alert.impact)),
        ("Fires when", text(&words::condition(&alert.condition))),
        ("Service", text(&context.manifest.service.name)),
        ("Owner", text(&alert.owner)),
        ("Told", told.join("; ")),
        ("Declared at", code(&alert.place.source())),
    ];
    if !alert.runbook.is_empty() {
        lines.push(("Runbook", link(&context.link(&alert.runbook))));
    }
    lines.retain(|(_, value)| !value.is_empty());
    let mut out = format!("# {title}: {severity}\n\n{}\n\n", text(&alert.summary));
    for (what, value) in lines {
        out.push_str(&format!("- **{what}**: {value}\n"));
    }
    out.push('\n');
    out
}

/// The number itself, whole and by label, in both languages.
fn numbers(context: &Context<'_>, alert: &Alert) -> Result<String, Failure> {
    let (manifest, condition) = (context.manifest, &alert.condition);
    let window = promql::duration(condition.window);
    let seconds = condition.window.max(1.0) as u64;
    let selections = query::selections(&condition.query);
    let mut free: Vec<&str> = Vec::new();
    if let Some(first) = selections.first() {
        for label in &query::metric(manifest, &first.metric)?.labels {
            let name = label.name.as_str();
            let fixed = selections
                .iter()
                .any(|one| one.matchers.iter().any(|m| m.label == name));
            let everywhere = selections.iter().all(|one| {
                let metric = query::metric(manifest, &one.metric);
                metric.is_ok_and(|metric| query::label(metric, name).is_ok())
            });
            if !fixed && everywhere {
                free.push(name);
            }
        }
    }
    let scope = context.scope(&window);
    let mut prometheus = format!("# The number.\n{}\n", scope.query(&condition.query)?);
    let mut other = datadog::expression(manifest, &condition.query, seconds, &[])?;
    for label in free.into_iter().take(BREAKDOWNS) {
        let by = [label];
        let scope = promql::Scope { by: &by, ..scope };
        prometheus.push_str(&format!(
            "# By {label}.\n{}\n",
            scope.query(&condition.query)?
        ));
        other.push('\n');
        other.push_str(&datadog::expression(
            manifest,
            &condition.query,
            seconds,
            &by,
        )?);
    }
    Ok(format!(
        "\nThe number behind it:\n\n{}\nThe same in Datadog:\n\n{}\n",
        block("promql", prometheus.trim_end()),
        block("text", &other)
    ))
}

/// The library's own functions are at no place that the reader has.
fn place(function: &Function) -> String {
    if function.place.is_of_library() {
        return code(&function.name);
    }
    let place = code(&function.place.source());
    format!("{} at {place}", code(&function.name))
}

/// What an alert looks at.
struct Watched<'m> {
    metrics: Vec<&'m Metric>,
    functions: Vec<&'m Function>,
}

impl<'m> Watched<'m> {
    fn of(manifest: &'m Manifest, alert: &Alert) -> Result<Self, Failure> {
        let (mut metrics, mut functions) = (Vec::<&Metric>::new(), Vec::<&Function>::new());
        for selection in query::selections(&alert.condition.query) {
            let metric = query::metric(manifest, &selection.metric)?;
            if !metrics.iter().any(|known| known.name == metric.name) {
                metrics.push(metric);
            }
            let names = selection
                .matchers
                .iter()
                .filter(|matcher| matcher.label == "function");
            let names: Vec<_> = names.flat_map(|matcher| &matcher.values).collect();
            for function in &manifest.functions {
                let known = functions.iter().any(|known| std::ptr::eq(*known, function));
                if names.contains(&&function.name) && !known {
                    functions.push(function);
                }
            }
        }
        Ok(Self { metrics, functions })
    }

    /// Where a change may have caused it. What watches every request or call watches every function.
    fn files(&self, manifest: &Manifest, alert: &Alert) -> Vec<String> {
        let metrics = self.metrics.iter();
        let metrics = metrics.filter(|metric| metric.origin != Origin::Library);
        let metrics = metrics.map(|metric| &metric.place.file);
        let functions = self.functions.iter().map(|function| &function.place.file);
        let mut files: Vec<String> = metrics.chain(functions).cloned().collect();
        if files.is_empty() {
            let own = manifest
                .functions
                .iter()
                .filter(|one| !one.place.is_of_library());
            files.extend(own.map(|function| function.place.file.clone()));
            files.push(alert.place.file.clone());
        }
        files.sort();
        files.dedup();
        files
    }
}

/// What to do, one after another: the procedure that every alert has, made this one's.
fn steps(
    context: &Context<'_>,
    alert: &Alert,
    watched: &Watched<'_>,
) -> Result<Vec<String>, Failure> {
    let service = text(&context.manifest.service.name);
    let which = if watched
        .metrics
        .iter()
        .any(|metric| metric.origin == Origin::Event)
    {
        "business"
    } else if watched
        .metrics
        .iter()
        .all(|metric| metric.origin == Origin::Library)
    {
        "performance"
    } else {
        "overview"
    };
    let dashboard = context.dashboard();
    let at = if dashboard.is_empty() {
        String::new()
    } else {
        format!(" ({})", link(&dashboard))
    };
    let runbook = if alert.runbook.is_empty() {
        "There is no runbook of its own for this alert: write down what helped.".to_owned()
    } else {
        format!("Follow {}.", link(&context.link(&alert.runbook)))
    };
    let backup = if alert.severity == Severity::P1 {
        "It is critical: page the backup engineer if it is not understood within 15 minutes."
    } else {
        "It is not critical: page nobody else, unless it becomes so."
    };
    Ok(vec![
        format!(
            "Look at the {which} dashboard of {service} in Datadog or Grafana{at}, and at the queries above."
        ),
        "Review the recent changes above, and what was deployed last.".into(),
        external(context)?,
        format!(
            "Review the errors in Sentry: {}.",
            code(&search(context, alert, watched))
        ),
        runbook,
        backup.into(),
        "Write down what happened: when it began, what was seen, what was done.".into(),
        "Hold the post-mortem within 24 hours.".into(),
    ])
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
        format!("environment:{}", quoted(context.environment)),
    ];
    let names: Vec<_> = watched
        .functions
        .iter()
        .map(|function| quoted(&function.name))
        .collect();
    if !names.is_empty() {
        terms.push(format!("stack.function:[{}]", names.join(",")));
    }
    let errors = query::selections(&alert.condition.query);
    let errors = errors
        .iter()
        .flat_map(|one| &one.matchers)
        .filter(|matcher| matcher.label == "error");
    let errors: Vec<_> = errors
        .flat_map(|matcher| &matcher.values)
        .map(|value| quoted(value))
        .collect();
    if !errors.is_empty() && alert.condition.compare != Compare::Absent {
        terms.push(format!("error.type:[{}]", errors.join(",")));
    }
    terms.join(" ")
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\\\""))
}
