//! `runbook`: the page that the engineer on call reads when an alert fires.

mod changes;
mod steps;
mod watched;

use crate::deployment::{Deployment, DeploymentArgs};
use crate::error::Error;
use crate::markdown::{block, code, link, text};
use crate::query::{self, datadog, promql};
use crate::routes::extra_recipients;
use crate::session::Session;
use crate::{describe, io, rules};
use clap::Args;
use instrumental_manifest::{Alert, Condition, Manifest, Origin, Severity};
use std::path::PathBuf;
use std::process::ExitCode;
use watched::{Watched, place};

/// The maximum number of labels by which a query is broken down.
const BREAKDOWNS: usize = 3;

/// Prints or writes the page that the engineer on call reads when an alert fires.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  cargo instrumental runbook payment_system_down --manifest ops/manifest.json"
)]
pub(crate) struct Runbook {
    /// The alert, as the name of its function or as in the notification [default: all alerts].
    pub alert: Option<String>,
    /// The folder to write a file for each alert to. Without it, the pages are printed.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub deployment: DeploymentArgs,
}

impl Runbook {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        self.write(&session.manifest()?)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Writes or prints the pages.
    pub(crate) fn write(&self, manifest: &Manifest) -> Result<(), Error> {
        let deployment = Deployment::new(manifest, &self.deployment);
        for alert in wanted(manifest, self.alert.as_deref())? {
            let page = page(&deployment, alert)?;
            match &self.out {
                Some(folder) => {
                    let path =
                        folder.join(format!("{}.md", describe::alert_title(manifest, alert)));
                    io::write(&path, &page)?;
                    io::print(&format!("{}\n", path.display()))?;
                }
                None => io::print(&page)?,
            }
        }
        Ok(())
    }
}

fn wanted<'m>(manifest: &'m Manifest, name: Option<&str>) -> Result<Vec<&'m Alert>, Error> {
    let all = manifest.alerts.iter();
    let Some(name) = name else {
        return Ok(all.collect());
    };
    let is_selected =
        |alert: &&Alert| alert.name == name || describe::alert_title(manifest, alert) == name;
    let found: Vec<_> = all.filter(is_selected).collect();
    if found.is_empty() {
        let names: Vec<_> = manifest
            .alerts
            .iter()
            .map(|alert| alert.name.as_str())
            .collect();
        let names = if names.is_empty() {
            "it declares no alerts".into()
        } else {
            format!("it declares {}", names.join(", "))
        };
        return Err(Error::new(format!(
            "the program has no alert `{name}`; {names}"
        )));
    }
    Ok(found)
}

/// Returns the page of an alert.
fn page(deployment: &Deployment<'_>, alert: &Alert) -> Result<String, Error> {
    let rule = rules::of(deployment, alert)?;
    let watched = Watched::of(deployment.manifest, alert)?;
    let mut out = head(deployment, alert);
    out.push_str(
        "## Queries\n\nThe alert's condition in Prometheus, which has a value while it holds:\n\n",
    );
    out.push_str(&block("promql", &rule.expression));
    out.push_str(&numbers(deployment, alert)?);
    out.push_str("## Watched metrics and functions\n\n");
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
    out.push_str(&changes::of(&watched.files(deployment.manifest, alert)));
    out.push_str("\n## Steps\n\n");
    for (n, step) in steps::of(deployment, alert, &watched)?.iter().enumerate() {
        out.push_str(&format!("{}. {step}\n", n + 1));
    }
    out.push('\n');
    Ok(out)
}

/// Returns the title, and what the alert means to whom.
fn head(deployment: &Deployment<'_>, alert: &Alert) -> String {
    let severity = match alert.severity {
        Severity::P1 => "P1, critical",
        Severity::P2 => "P2, high",
        Severity::P3 => "P3, medium",
        Severity::P4 => "P4, low",
    };
    let mut recipients = vec![match alert.severity {
        Severity::P1 => "the engineer on call; \\#alerts".to_owned(),
        Severity::P2 => "\\#alerts and mail".to_owned(),
        Severity::P3 => "\\#monitoring".to_owned(),
        Severity::P4 => "dashboards only".to_owned(),
    }];
    recipients.extend(extra_recipients(alert).iter().map(|who| text(who)));
    let title = text(&describe::alert_title(deployment.manifest, alert));
    let mut lines = vec![
        ("Impact", text(&alert.impact)),
        ("Fires when", text(&describe::condition(&alert.condition))),
        ("Service", text(&deployment.manifest.service.name)),
        ("Owner", text(&alert.owner)),
        ("Notified", recipients.join("; ")),
        ("Declared at", code(&alert.place.source())),
    ];
    if !alert.runbook.is_empty() {
        lines.push(("Runbook", link(&deployment.runbook_link(&alert.runbook))));
    }
    lines.retain(|(_, value)| !value.is_empty());
    let mut out = format!("# {title}: {severity}\n\n{}\n\n", text(&alert.summary));
    for (what, value) in lines {
        out.push_str(&format!("- **{what}**: {value}\n"));
    }
    out.push('\n');
    out
}

/// Returns queries for the number that the condition compares, in total and by label, in both query languages.
fn numbers(deployment: &Deployment<'_>, alert: &Alert) -> Result<String, Error> {
    let (manifest, condition) = (deployment.manifest, &alert.condition);
    let window = promql::duration(condition.window);
    let seconds = condition.window.max(1.0) as u64;
    let scope = deployment.scope(&window);
    let mut prometheus = format!("# Total.\n{}\n", scope.query(&condition.query)?);
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
        "\nThe compared number:\n\n{}\nThe same in Datadog:\n\n{}\n",
        block("promql", prometheus.trim_end()),
        block("text", &other)
    ))
}

/// Returns the labels that every selection has and no selection restricts.
fn free<'m>(manifest: &'m Manifest, condition: &Condition) -> Result<Vec<&'m str>, Error> {
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
