//! `check`: what is wrong with what a program reports, and what a change to it breaks. For CI.

mod alerts;
mod compare;
mod finding;
mod names;
mod runbook;
mod series;

use crate::failure::Failure;
use crate::manifest::Manifest;
use crate::table::whole;
use crate::{output, program};
use clap::Args;
use finding::{Finding, Severity};
use serde::Serialize;
use series::Worst;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is checked.
#[derive(Args, Debug, Default)]
pub(crate) struct Check {
    /// Tells what breaks for those who rely on this stored manifest.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Series that all metrics together may have at worst.
    #[arg(long, value_name = "SERIES")]
    budget: Option<usize>,
    /// Series that any one metric may have at worst.
    #[arg(long, value_name = "SERIES")]
    metric_budget: Option<usize>,
    /// Warnings fail the check, too.
    #[arg(long)]
    strict: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Everything found.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    errors: usize,
    warnings: usize,
    findings: Vec<Finding>,
    /// Series of all metrics at worst.
    series: usize,
    metrics: Vec<Worst<'a>>,
}

impl Check {
    /// 0: all is well; 1: something was found.
    pub(crate) fn run(&self, manifest: &Manifest) -> Result<ExitCode, Failure> {
        let old = match &self.against {
            Some(file) => Some(program::stored(file)?),
            None => None,
        };
        let here = std::env::current_dir().unwrap_or_default();
        let outcome = self.look(manifest, old.as_ref(), &here);
        let text = match self.json {
            true => output::json(&outcome)?,
            false => text(&outcome),
        };
        output::print(&text)?;
        let failed = outcome.errors > 0 || self.strict && outcome.warnings > 0;
        Ok(ExitCode::from(u8::from(failed)))
    }

    /// `here` is the folder that paths of runbooks begin at.
    fn look<'a>(&self, manifest: &'a Manifest, old: Option<&Manifest>, here: &Path) -> Outcome<'a> {
        let metrics = series::worst(manifest);
        let mut findings = names::check(manifest);
        findings.extend(series::check(&metrics, self.budget, self.metric_budget));
        findings.extend(alerts::check(manifest, here));
        if let Some(old) = old {
            findings.extend(compare::check(old, manifest));
        }
        finding::sort(&mut findings);
        let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
        Outcome {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            findings,
            series: metrics.iter().map(|worst| worst.series).sum(),
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
        "{}, {}; at worst {} of {}\n",
        plural(outcome.errors, "error"),
        plural(outcome.warnings, "warning"),
        whole(outcome.series as f64) + " series",
        plural(outcome.metrics.len(), "metric"),
    ));
    out
}

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod tests;
