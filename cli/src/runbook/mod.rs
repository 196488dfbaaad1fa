//! `cargo instrumental runbook`: the page that whoever is on call reads when an alert fires.

mod changes;
mod steps;

use crate::alerts::routes::besides;
use crate::alerts::{Context, Surroundings, rules};
use crate::failure::Failure;
use crate::manifest::{Alert, Condition, Function, Manifest, Metric, Origin, Severity};
use crate::markdown::{block, code, link, text};
use crate::output;
use crate::query::{self, datadog, promql};
use crate::words;
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

impl Runbook {
    /// Does the self.
    pub(crate) fn run(&self, manifest: &Manifest) -> Result<(), Failure> {
        let context = Context::new(manifest, &self.surroundings);
        for alert in wanted(manifest, self.alert.as_deref())? {
            let page = page(&context, alert)?;
            match &self.out {
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
        let place = match metric.origin {
            Origin::Library => String::new(),
            _ => format!(", {}", code(&metric.place.source())),
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
    for (n, step) in steps::of(context, alert, &watched)?.iter().enumerate() {
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
    let scope = context.scope(&window);
    let mut prometheus = format!("# The number.\n{}\n", scope.query(&condition.query)?);
    let mut other = datadog::expression(manifest, &condition.query, seconds, &[])?;
    for label in free(manifest, condition)?.into_iter().take(BREAKDOWNS) {
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

/// Labels that every selection has, and none asks for a value of.
fn free<'m>(manifest: &'m Manifest, condition: &Condition) -> Result<Vec<&'m str>, Failure> {
    let selections = query::selections(&condition.query);
    let Some(first) = selections.first() else {
        return Ok(Vec::new());
    };
    let is_free = |name: &&str| {
        selections.iter().all(|one| {
            let metric = query::metric(manifest, &one.metric);
            let is_fixed = one.matchers.iter().any(|matcher| matcher.label == *name);
            !is_fixed && metric.is_ok_and(|metric| query::label(metric, name).is_ok())
        })
    };
    let labels = query::metric(manifest, &first.metric)?.labels.iter();
    Ok(labels
        .map(|label| label.name.as_str())
        .filter(is_free)
        .collect())
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
