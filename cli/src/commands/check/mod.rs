//! `check`: problems in what a program reports, and what a change breaks. For continuous integration.

mod alerts;
mod compare;
mod finding;
mod names;
mod runbook;
mod series;

use crate::error::Error;
use crate::session::Session;
use crate::text::whole;
use crate::{io, program};
use clap::Args;
use finding::{Finding, Severity};
use instrumental_manifest::Manifest;
use serde::Serialize;
use series::MetricSeries;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Checks names, series, alerts and owners, and what a change breaks.
///
/// The exit code is 1 if there are errors.
#[derive(Args, Debug, Default)]
#[command(
    after_help = "Example:\n  cargo instrumental check -p shop --against ops/manifest.json --budget 10000"
)]
pub(crate) struct Check {
    /// A saved manifest: report what breaks for its users.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// The maximum number of series of all metrics together.
    #[arg(long, value_name = "SERIES")]
    budget: Option<u64>,
    /// The maximum number of series of each metric.
    #[arg(long, value_name = "SERIES")]
    metric_budget: Option<u64>,
    /// Treat warnings as errors.
    #[arg(long)]
    strict: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The result of all checks.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    errors: usize,
    warnings: usize,
    findings: Vec<Finding>,
    /// The maximum number of series of all metrics together.
    series: u64,
    metrics: Vec<MetricSeries<'a>>,
}

impl Check {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        self.report(&session.manifest()?)
    }

    /// Runs all checks and prints the findings.
    fn report(&self, manifest: &Manifest) -> Result<ExitCode, Error> {
        let old = match &self.against {
            Some(file) => Some(program::stored(file)?),
            None => None,
        };
        let folder = std::env::current_dir().unwrap_or_default();
        let outcome = self.check(manifest, old.as_ref(), &folder);
        let text = match self.json {
            true => io::json(&outcome)?,
            false => text(&outcome),
        };
        io::print(&text)?;
        let failed = outcome.errors > 0 || self.strict && outcome.warnings > 0;
        Ok(ExitCode::from(u8::from(failed)))
    }

    /// Runs all checks. Relative paths of runbooks start at `folder`.
    fn check<'a>(
        &self,
        manifest: &'a Manifest,
        old: Option<&Manifest>,
        folder: &Path,
    ) -> Outcome<'a> {
        let metrics = series::of(manifest);
        let mut findings = names::check(manifest);
        findings.extend(series::check(&metrics, self.budget, self.metric_budget));
        findings.extend(alerts::check(manifest, folder));
        if let Some(old) = old {
            findings.extend(compare::check(old, manifest));
        }
        finding::sort(&mut findings);
        let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
        Outcome {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            findings,
            series: metrics.iter().map(|metric| metric.series).sum(),
            metrics,
        }
    }
}

fn text(outcome: &Outcome<'_>) -> String {
    let mut out: String = outcome.findings.iter().map(Finding::line).collect();
    let plural = |count: usize, what: &str| {
        let s = if count == 1 { "" } else { "s" };
        format!("{} {what}{s}", whole(count as f64))
    };
    out.push_str(&format!(
        "{}, {}; at most {} series of {}\n",
        plural(outcome.errors, "error"),
        plural(outcome.warnings, "warning"),
        whole(outcome.series as f64),
        plural(outcome.metrics.len(), "metric"),
    ));
    out
}

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod tests;
