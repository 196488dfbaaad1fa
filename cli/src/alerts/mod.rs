//! `cargo instrumental alerts`: the program's alerts as files of the systems that watch and tell.

mod monitors;
pub(crate) mod proof;
pub(crate) mod routes;
pub(crate) mod rules;
mod sentry;
#[cfg(test)]
mod tests;
mod yaml;

use crate::failure::Failure;
use crate::manifest::{Alert, Manifest, Severity};
use crate::output;
use crate::query::promql::{Reader, Scope};
use crate::slo;
use crate::table::escape;
use clap::{Args, ValueEnum};
use rules::Rule;
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

/// What is written, and where to.
#[derive(Args, Debug)]
pub(crate) struct Alerts {
    /// The folder that the files go to.
    #[arg(long, value_name = "FOLDER", default_value = "alerts")]
    pub out: PathBuf,
    /// Only for this system; may be repeated.
    #[arg(long, value_name = "SYSTEM")]
    pub only: Vec<System>,
    /// Only alerts of these severities: `--severity P1,P2`.
    #[arg(
        long,
        value_name = "SEVERITY",
        value_delimiter = ',',
        ignore_case = true
    )]
    pub severity: Vec<Severity>,
    #[command(flatten)]
    pub surroundings: Surroundings,
    /// Who is told, as JSON: `{"receivers": {"P1": {"webhook_configs": [..]}}, "mail": "ops@shop.example"}`.
    ///
    /// All of it may be left out: `receivers` of Alertmanager's and handles of `datadog`, by severity, team or `#channel`;
    /// `mail` of P2; `smtp` (`smarthost`, `from`, `username`); `secrets`, the folder of the files `slack_api_url`,
    /// `pagerduty_routing_key` and `smtp_password`; of `sentry` the `project` and the ids of the integrations with `slack`
    /// and `pagerduty` (`[integration, service]`).
    #[arg(long, value_name = "FILE")]
    pub routes: Option<PathBuf>,
}

/// What the program does not know of where it runs.
#[derive(Args, Clone, Debug)]
pub(crate) struct Surroundings {
    /// Prometheus' name of the scrape job: rules look at its series only. Needed where one Prometheus scrapes several
    /// programs, as their requests are counted under one name.
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// The environment that Datadog and Sentry watch; the program's own unless given.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Where the repository's files are read: goes before runbooks that are paths.
    #[arg(long, value_name = "URL")]
    links: Option<String>,
    /// Where Grafana is: goes into the alerts as the link to the dashboards.
    #[arg(long, value_name = "URL")]
    grafana: Option<String>,
}

/// A system that watches or tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum System {
    Prometheus,
    Alertmanager,
    Datadog,
    Sentry,
}

/// What all files are made from.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub manifest: &'a Manifest,
    pub job: Option<&'a str>,
    pub environment: &'a str,
    pub links: Option<&'a str>,
    pub grafana: Option<&'a str>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(manifest: &'a Manifest, surroundings: &'a Surroundings) -> Self {
        let own = &manifest.service.environment;
        Self {
            manifest,
            job: surroundings.job.as_deref(),
            environment: surroundings.environment.as_deref().unwrap_or(own),
            links: surroundings.links.as_deref(),
            grafana: surroundings.grafana.as_deref(),
        }
    }

    /// What a query of Prometheus' looks at.
    pub(crate) fn scope<'s>(&'s self, window: &'s str) -> Scope<'s> {
        Scope::new(self.manifest, window, Reader::Prometheus { job: self.job })
    }

    /// Where a runbook is read. A path stays one where nobody said where the repository is.
    pub(crate) fn link(&self, runbook: &str) -> String {
        match self.links {
            Some(base) if !runbook.is_empty() && !runbook.contains("://") => {
                format!("{}/{runbook}", base.trim_end_matches('/'))
            }
            _ => runbook.to_owned(),
        }
    }

    /// Where the service's dashboards are found.
    pub(crate) fn dashboard(&self) -> String {
        let Some(base) = self.grafana else {
            return String::new();
        };
        let mut name = String::new();
        for byte in self.manifest.service.name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                name.push(char::from(byte));
            } else {
                name.push_str(&format!("%{byte:02X}"));
            }
        }
        format!("{}/dashboards?query={name}", base.trim_end_matches('/'))
    }
}

impl Alerts {
    /// Does the self.
    pub(crate) fn run(&self, manifest: &Manifest) -> Result<ExitCode, Failure> {
        let unresolved = unresolved(manifest);
        if !unresolved.is_empty() {
            for line in unresolved {
                eprintln!("{}", escape(&line));
            }
            return Ok(ExitCode::from(1));
        }
        let (files, remarks) = files(manifest, self)?;
        for remark in remarks {
            eprintln!("{}", escape(&remark));
        }
        for (name, text) in files {
            let path = self.out.join(name);
            output::replace(&path, &text)?;
            output::print(&format!("{}\n", path.display()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Alerts that name what the program does not record, each with its place.
fn unresolved(manifest: &Manifest) -> Vec<String> {
    let mut lines = Vec::new();
    for alert in &manifest.alerts {
        for why in &alert.unresolved {
            lines.push(format!("{}: `{}`: {why}", alert.place.source(), alert.name));
        }
    }
    lines
}

type Files = Vec<(&'static str, String)>;

/// Every file, and what there is to say about it.
fn files(manifest: &Manifest, command: &Alerts) -> Result<(Files, Vec<String>), Failure> {
    let wanted = |system| command.only.is_empty() || command.only.contains(&system);
    let context = Context::new(manifest, &command.surroundings);
    let meant = |severity| command.severity.is_empty() || command.severity.contains(&severity);
    let alerts = manifest.alerts.iter().filter(|alert| meant(alert.severity));
    let alerts: Vec<&Alert> = alerts.collect();
    let routes = routes::Routes::read(command.routes.as_deref())?;
    let mut files = Vec::new();
    let mut remarks = Vec::new();
    let objectives = slo::of(&context)?;
    let rules = alerts.iter().map(|alert| rules::of(&context, alert));
    let rules = rules.collect::<Result<Vec<Rule>, Failure>>()?;
    if wanted(System::Prometheus) {
        files.push((
            "prometheus/alerts.yml",
            file(&rules::file(&context, &rules)),
        ));
        files.extend(proof::files(&context, &alerts, &rules)?);
        files.extend(slo::files(&context, &objectives, &meant));
    }
    if wanted(System::Alertmanager) {
        let mut all = rules.clone();
        all.extend(objectives.iter().flat_map(slo::Objective::rules));
        let text = file(&routes::alertmanager(&routes, &all)?);
        files.push(("alertmanager/alertmanager.yml", text));
    }
    if wanted(System::Datadog) {
        let monitors = monitors::of(&context, &alerts, &routes)?;
        files.push(("datadog/monitors.json", output::json(&monitors)?));
        remarks.extend(
            alerts
                .iter()
                .filter_map(|alert| monitors::percentiles(alert)),
        );
    }
    if wanted(System::Sentry) {
        let (rules, left) = sentry::of(&context, &alerts, &routes);
        files.push(("sentry/alerts.json", output::json(&rules)?));
        remarks.extend(left);
    }
    Ok((files, remarks))
}

/// A file that is made from the source.
pub(crate) fn file(value: &Value) -> String {
    file_of("", value)
}

/// One that begins with a remark.
pub(crate) fn file_of(remark: &str, value: &Value) -> String {
    let written = "Written by `cargo instrumental alerts`, from the source: changes go there.";
    yaml::text(&format!("{written}\n{remark}"), value)
}
