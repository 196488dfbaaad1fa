//! `alerts`: the program's alerts as configuration of Prometheus, Alertmanager, Datadog and Sentry.

mod alertmanager;
#[cfg(test)]
mod monitor_tests;
mod monitors;
mod sentry;
#[cfg(test)]
mod sentry_tests;
#[cfg(test)]
mod tests;

use crate::deployment::{Deployment, DeploymentArgs};
use crate::error::Error;
use crate::routes::Routes;
use crate::rules::{self, Rule};
use crate::session::Session;
use crate::{io, promtool, slo, yaml};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use instrumental_manifest::{Alert, Manifest, Severity};
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes the alerts for Prometheus, Alertmanager, Datadog and Sentry.
///
/// Prometheus' rules come with unit tests for promtool, in a folder of their own.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  cargo instrumental alerts -p shop --out ops --routes routes.json\n  \
                  promtool test rules ops/prometheus/tests/*.yml"
)]
pub(crate) struct Alerts {
    /// The folder to write to.
    #[arg(long, value_name = "FOLDER", default_value = "alerts")]
    pub out: PathBuf,
    /// Only write files for this system; may be repeated.
    #[arg(long, value_name = "SYSTEM")]
    pub only: Vec<System>,
    /// Only write alerts of these severities: `--severity P1,P2`.
    #[arg(
        long,
        value_name = "SEVERITY",
        value_delimiter = ',',
        ignore_case = true,
        value_parser = severity_parser()
    )]
    pub severity: Vec<Severity>,
    #[command(flatten)]
    pub deployment: DeploymentArgs,
    /// A JSON file that says where notifications go: `{"receivers": {"P1": {"webhook_configs": [..]}}, "mail":
    /// "ops@shop.example"}`.
    ///
    /// Every member is optional: `receivers` of Alertmanager and handles of `datadog`, by severity, team or `#channel`;
    /// `mail`, which receives P2; `smtp` (`smarthost`, `from`, `username`); `secrets`, the folder of the files
    /// `slack_api_url`, `pagerduty_routing_key` and `smtp_password`; `sentry` with the `project` and the ids of the
    /// integrations with `slack` and `pagerduty` (`[integration, service]`).
    #[arg(long, value_name = "FILE")]
    pub routes: Option<PathBuf>,
}

fn severity_parser() -> impl clap::builder::TypedValueParser<Value = Severity> {
    let names = Severity::ALL.iter().map(|severity| severity.as_str());
    PossibleValuesParser::new(names).try_map(|name| {
        let mut all = Severity::ALL.iter().copied();
        let found = all.find(|severity| severity.as_str().eq_ignore_ascii_case(&name));
        found.ok_or("unknown severity")
    })
}

/// A system that evaluates alerts or sends notifications.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum System {
    Prometheus,
    Alertmanager,
    Datadog,
    Sentry,
}

impl Alerts {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        self.write(&session.manifest()?)
    }

    /// Writes the files and prints their paths.
    pub(crate) fn write(&self, manifest: &Manifest) -> Result<ExitCode, Error> {
        let unresolved = unresolved(manifest);
        if !unresolved.is_empty() {
            for line in unresolved {
                io::print_remark(&line);
            }
            return Ok(ExitCode::from(1));
        }
        let (files, warnings) = self.files(manifest)?;
        for warning in warnings {
            io::print_remark(&warning);
        }
        for (name, text) in files {
            let path = self.out.join(name);
            io::write(&path, &text)?;
            io::print(&format!("{}\n", path.display()))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Returns all files, and warnings about alerts that a system does not support.
    fn files(&self, manifest: &Manifest) -> Result<(Files, Vec<String>), Error> {
        let deployment = Deployment::new(manifest, &self.deployment);
        let selected = |severity| self.severity.is_empty() || self.severity.contains(&severity);
        let alerts = manifest.alerts.iter();
        let alerts: Vec<&Alert> = alerts.filter(|alert| selected(alert.severity)).collect();
        let routes = Routes::read(self.routes.as_deref())?;
        let objectives = slo::of(&deployment)?;
        let rules = alerts.iter().map(|alert| rules::of(&deployment, alert));
        let rules = rules.collect::<Result<Vec<Rule>, Error>>()?;
        let wanted = |system| self.only.is_empty() || self.only.contains(&system);
        let (mut files, mut warnings) = (Files::new(), Vec::new());
        if wanted(System::Prometheus) {
            files.push((
                "prometheus/alerts.yml",
                yaml::generated(&rules::file(&deployment, &rules)),
            ));
            files.extend(promtool::alerts::files(&deployment, &alerts, &rules)?);
            files.push((
                "prometheus/slo.yml",
                slo::file(&deployment, &objectives, &selected),
            ));
            files.push(promtool::objectives::file(
                &deployment,
                &objectives,
                &selected,
            ));
        }
        if wanted(System::Alertmanager) {
            let mut all = rules.clone();
            all.extend(objectives.iter().flat_map(slo::Objective::rules));
            let text = yaml::generated(&alertmanager::config(&routes, &all)?);
            files.push(("alertmanager/alertmanager.yml", text));
        }
        if wanted(System::Datadog) {
            let monitors = monitors::of(&deployment, &alerts, &routes)?;
            files.push(("datadog/monitors.json", io::json(&monitors)?));
            let percentiles = alerts
                .iter()
                .filter_map(|alert| monitors::percentiles(alert));
            warnings.extend(percentiles);
        }
        if wanted(System::Sentry) {
            let (rules, unsupported) = sentry::of(&deployment, &alerts, &routes);
            files.push(("sentry/alerts.json", io::json(&rules)?));
            warnings.extend(unsupported);
        }
        Ok((files, warnings))
    }
}

/// Paths below the output folder, with the content of the files.
type Files = Vec<(&'static str, String)>;

/// Returns a line for each name in an alert that the program does not record.
fn unresolved(manifest: &Manifest) -> Vec<String> {
    let mut lines = Vec::new();
    for alert in &manifest.alerts {
        for why in &alert.unresolved {
            lines.push(format!("{}: `{}`: {why}", alert.place.source(), alert.name));
        }
    }
    lines
}
