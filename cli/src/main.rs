//! `cargo instrumental`: alerts, dashboards, diagnosis and cost of any program that calls `instrumental::init()`.
//!
//! Every command works on the program's manifest: asked of the program itself, or read from a file.
#![forbid(unsafe_code)]

mod alerts;
mod check;
mod cost;
mod dashboards;
mod distance;
mod docs;
mod doctor;
mod exposition;
mod failure;
mod generate;
mod input;
mod list;
mod manifest;
mod markdown;
mod output;
mod program;
mod query;
mod ready;
mod runbook;
mod slo;
mod table;
mod words;

use clap::{Parser, Subcommand};
use failure::Failure;
use std::process::ExitCode;

/// Alerts, dashboards, diagnosis and cost out of a program's own source.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo instrumental", version)]
struct Cli {
    #[command(flatten)]
    program: program::Program,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints the manifest: everything the program can report, as JSON.
    Manifest,
    /// Lists everything the program can report.
    List(list::List),
    /// Writes a reference of everything the program can report, as Markdown.
    Docs(docs::Docs),
    /// Checks names, series, alerts and owners, and what a change breaks; exit code 1: something was found.
    Check(check::Check),
    /// Writes alerts, dashboards, runbooks, the reference and the manifest into one folder.
    Generate(generate::Generate),
    /// Writes the alerts for Prometheus, Alertmanager, Datadog and Sentry.
    Alerts(alerts::Alerts),
    /// Writes dashboards for Grafana and Datadog.
    Dashboards(dashboards::Dashboards),
    /// Prints or writes the page for whoever is on call when an alert fires.
    Runbook(runbook::Runbook),
    /// Finds out why telemetry does not flow, with the settings of this environment; exit code 1: something was found.
    Doctor(doctor::Doctor),
    /// Goes through the checklist of a deployment, with the settings of this environment; exit code 1: it is not ready.
    Ready(ready::Ready),
    /// Estimates what a running service costs a month, what spends most, and what would save.
    Cost(cost::Cost),
}

fn main() -> ExitCode {
    // Cargo hands over the name of the subcommand.
    let arguments = std::env::args_os().enumerate();
    let arguments = arguments.filter(|(n, argument)| *n != 1 || argument != "instrumental");
    let cli = Cli::parse_from(arguments.map(|(_, argument)| argument));
    match run(&cli) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {}", table::escape(&failure.to_string()));
            ExitCode::from(Failure::EXIT)
        }
    }
}

/// 0: all is well; 1: the command found something; 2: it could not do its work.
fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let program = &cli.program;
    let manifest = || program.manifest();
    let done = |()| ExitCode::SUCCESS;
    match &cli.command {
        Command::Manifest => output::print(&output::json(&manifest()?)?).map(done),
        Command::List(list) => list.run(&manifest()?).map(done),
        Command::Docs(docs) => docs.run(&manifest()?).map(done),
        Command::Check(check) => check.run(&manifest()?),
        Command::Generate(generate) => generate.run(&manifest()?),
        Command::Alerts(alerts) => alerts.run(&manifest()?),
        Command::Dashboards(dashboards) => dashboards.run(&manifest()?).map(done),
        Command::Runbook(runbook) => runbook.run(&manifest()?).map(done),
        Command::Doctor(doctor) => doctor.run(program),
        Command::Ready(ready) => ready.run(program),
        Command::Cost(cost) => cost.run().map(done),
    }
}
