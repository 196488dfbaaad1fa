//! The subcommands. Each is a module with a struct of its arguments, named as the subcommand, that has a method
//! `run(&self, &Session) -> Result<ExitCode, Error>`. Its doc comment is the help text.

mod alerts;
mod check;
mod completions;
mod cost;
mod dashboards;
mod docs;
mod doctor;
mod generate;
mod list;
mod man;
mod manifest;
mod ready;
mod runbook;

use crate::error::Error;
use crate::session::Session;
use clap::Subcommand;
use std::process::ExitCode;

macro_rules! commands {
    ($($module:ident::$name:ident,)*) => {
        /// What to do.
        #[derive(Debug, Subcommand)]
        pub(crate) enum Command {
            $($name($module::$name),)*
        }

        impl Command {
            /// Runs the subcommand. The exit code is 0 if all is well and 1 if the command reports a problem.
            pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
                match self {
                    $(Self::$name(command) => command.run(session),)*
                }
            }
        }
    };
}

// In the order of the help text.
commands! {
    manifest::Manifest,
    list::List,
    docs::Docs,
    check::Check,
    generate::Generate,
    alerts::Alerts,
    dashboards::Dashboards,
    runbook::Runbook,
    doctor::Doctor,
    ready::Ready,
    cost::Cost,
    completions::Completions,
    man::Man,
}
