//! `cargo instrumental`: alerts, dashboards, diagnosis and cost of any program that calls `instrumental::init()`.
//!
//! Every subcommand works on the program's manifest, which it reads from the program itself or from a file.
#![forbid(unsafe_code)]

mod commands;
mod deployment;
mod describe;
mod edit_distance;
mod error;
mod exposition;
mod io;
mod markdown;
mod program;
mod progress;
mod promtool;
mod query;
mod routes;
mod rules;
mod session;
mod slo;
mod table;
mod text;
mod yaml;

use clap::{CommandFactory as _, Parser};
use error::Error;
use session::Session;
use std::process::ExitCode;

/// Alerts, dashboards, diagnosis and cost, generated from a program's own source.
#[derive(Debug, Parser)]
#[command(
    bin_name = "cargo instrumental",
    version,
    after_help = "Exit codes: 0 all is well, 1 the command reports a problem, 2 the command failed.\n\n\
                  Example:\n  cargo instrumental list -p shop"
)]
struct Cli {
    #[command(flatten)]
    program: program::Program,
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    // Cargo passes the name of the subcommand as the first argument.
    let arguments = std::env::args_os().enumerate();
    let arguments = arguments.filter(|(n, argument)| *n != 1 || argument != "instrumental");
    let cli = Cli::parse_from(arguments.map(|(_, argument)| argument));
    let session = Session {
        program: cli.program,
        interface: Cli::command(),
    };
    match cli.command.run(&session) {
        Ok(code) => code,
        Err(error) => {
            io::print_error(&error);
            ExitCode::from(Error::EXIT_CODE)
        }
    }
}
