//! `ready`: the checklist before, during and after a deployment, with evidence for each line. A line that only a person
//! can check is never passed; it says what to do.

mod alerts;
mod evidence;
mod figures;
mod lines;

use super::doctor::{self, Doctor, Secrets};
use crate::error::Error;
use crate::io;
use crate::session::Session;
use clap::Args;
use evidence::{Evidence, Line, Verdict};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Goes through the checklist of a deployment, with the settings of this environment.
///
/// The exit code is 1 if a line fails. Lines for a person are listed either way.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  cargo instrumental ready -p shop --alerts ops --metrics http://localhost:9464"
)]
pub(crate) struct Ready {
    #[command(flatten)]
    doctor: Doctor,
    /// The folder that `cargo instrumental alerts` wrote, whose tests are run if promtool is installed.
    #[arg(long, value_name = "FOLDER")]
    alerts: Option<PathBuf>,
}

/// The output of `--json`.
#[derive(Serialize)]
struct Report<'a> {
    service: &'a str,
    /// The number of lines that fail.
    failed: usize,
    /// The number of lines for a person.
    open: usize,
    checks: &'a [Line],
}

impl Ready {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        let manifest = session.manifest()?;
        let checks = self.doctor.examine(&session.program, &manifest)?;
        let page = match doctor::metrics_url(self.doctor.metrics.as_deref(), &manifest.config) {
            _ if self.doctor.offline => Err("--offline: no metrics were read".to_owned()),
            None => Err(
                "the address of the running service's metrics is unknown; use --metrics URL"
                    .to_owned(),
            ),
            Some(url) => doctor::metrics_page(&url),
        };
        let evidence = Evidence {
            manifest: &manifest,
            checks: checks.all(),
            page: page.as_ref().map_err(String::as_str),
            alerts: self.alerts.as_deref(),
        };
        let mut list = lines::all(&evidence);
        let secrets = Secrets::of_environment();
        for line in &mut list {
            line.fact = secrets.hide(&line.fact);
            line.remedy = secrets.hide(&line.remedy);
        }
        let count = |verdict| list.iter().filter(|line| line.verdict == verdict).count();
        let (failed, open) = (count(Verdict::Fail), count(Verdict::Person));
        let text = match self.doctor.json {
            true => io::json(&Report {
                service: &manifest.service.name,
                failed,
                open,
                checks: &list,
            })?,
            false => text(&list, failed, open),
        };
        io::print(&text)?;
        Ok(ExitCode::from(u8::from(failed > 0)))
    }
}

fn text(list: &[Line], failed: usize, open: usize) -> String {
    let mut out = String::new();
    let mut phase = "";
    for line in list {
        if line.phase != phase {
            phase = line.phase;
            // Writing to a `String` cannot fail.
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
