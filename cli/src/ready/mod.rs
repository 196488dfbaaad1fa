//! `cargo instrumental ready`: the checklist before, at and after a deployment, each line with its evidence. A line
//! that only a person can tick is never passed: it says what to do.

mod alerts;
mod figures;
mod known;
mod lines;

use crate::doctor::{self, Doctor, Page, Secrets};
use crate::failure::Failure;
use crate::output;
use crate::program::Program;
use clap::Args;
use known::{Known, Line, Verdict};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Where to look.
#[derive(Args, Debug)]
pub(crate) struct Ready {
    #[command(flatten)]
    doctor: Doctor,
    /// The folder that `cargo instrumental alerts` wrote: its tests are run, where promtool is installed.
    #[arg(long, value_name = "FOLDER")]
    alerts: Option<PathBuf>,
}

/// What is printed with `--json`.
#[derive(Serialize)]
struct Told<'a> {
    service: &'a str,
    /// Lines that do not hold.
    failed: usize,
    /// Lines that a person has to tick.
    open: usize,
    checks: &'a [Line],
}

impl Ready {
    /// 0: no line fails; 1: at least one does. Lines that need a person are told either way.
    pub(crate) fn run(&self, program: &Program) -> Result<ExitCode, Failure> {
        let manifest = program.manifest()?;
        let checks = self.doctor.examine(program, &manifest)?;
        let page = match doctor::metrics_url(self.doctor.metrics.as_deref(), &manifest.config) {
            _ if self.doctor.offline => Err("--offline: no metrics were asked for".to_owned()),
            None => Err(
                "where the metrics of the running service are is not known: say --metrics URL"
                    .to_owned(),
            ),
            Some(url) => doctor::metrics_page(&url),
        };
        let known = Known {
            manifest: &manifest,
            checks: checks.all(),
            page: page.as_ref().map_err(String::as_str),
            alerts: self.alerts.as_deref(),
        };
        let mut list = lines::all(&known);
        let secrets = Secrets::of_environment();
        for line in &mut list {
            line.fact = secrets.hide(&line.fact);
            line.remedy = secrets.hide(&line.remedy);
        }
        let count = |verdict| list.iter().filter(|line| line.verdict == verdict).count();
        let (failed, open) = (count(Verdict::Fail), count(Verdict::Person));
        if self.doctor.json {
            let told = Told {
                service: &manifest.service.name,
                failed,
                open,
                checks: &list,
            };
            output::print(&output::json(&told)?)?;
        } else {
            output::print(&text(&list, failed, open))?;
        }
        Ok(ExitCode::from(u8::from(failed > 0)))
    }
}

fn text(list: &[Line], failed: usize, open: usize) -> String {
    let mut out = String::new();
    let mut phase = "";
    for line in list {
        if line.phase != phase {
            phase = line.phase;
            // Into a String: cannot fail.
            let _ = writeln!(out, "{}{phase}", if out.is_empty() { "" } else { "\n" });
        }
        let _ = writeln!(
            out,
            "  {:<8}{}: {}",
            line.verdict.word(),
            line.name,
            line.fact
        );
        if !line.remedy.is_empty() {
            let _ = writeln!(out, "  {:8}→ {}", "", line.remedy);
        }
    }
    let _ = writeln!(
        out,
        "\n{failed} of {} lines fail, {open} need a person.",
        list.len()
    );
    out
}

/// The page of the running service, or why there is none.
type Metrics<'a> = Result<&'a Page, &'a str>;
