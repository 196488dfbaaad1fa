//! `cargo instrumental`: alerts, dashboards, diagnosis and cost of any program that calls `instrumental::init()`.
//!
//! Every command works on the program's manifest: asked of the program itself, or read from a file.
#![forbid(unsafe_code)]

mod check;
mod cost;
mod docs;
mod failure;
mod list;
mod manifest;
mod output;
mod program;
mod table;

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
            eprintln!("error: {failure}");
            ExitCode::from(Failure::EXIT)
        }
    }
}

/// 0: all is well; 1: the command found something; 2: it could not do its work.
fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    match &cli.command {
        Command::Manifest => {
            let manifest = cli.program.manifest()?;
            output::print(&output::json(&manifest)?)?;
        }
        Command::List(list) => list.run(&cli.program.manifest()?)?,
        Command::Docs(docs) => docs.run(&cli.program.manifest()?)?,
        Command::Cost(cost) => cost.run()?,
        Command::Check(check) => return check.run(&cli.program.manifest()?),
    }
    Ok(ExitCode::SUCCESS)
}
