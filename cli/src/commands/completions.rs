//! `completions`: a completion script for a shell.

use crate::error::Error;
use crate::io;
use crate::session::Session;
use clap::Args;
use clap_complete::{Shell, generate};
use std::process::ExitCode;

/// Prints a script that completes `cargo-instrumental` in a shell.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  cargo instrumental completions bash > ~/.local/share/bash-completion/completions/cargo-instrumental"
)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        let mut script = Vec::new();
        let mut interface = session.interface.clone();
        generate(
            self.shell,
            &mut interface,
            "cargo-instrumental",
            &mut script,
        );
        io::print(&String::from_utf8_lossy(&script))?;
        Ok(ExitCode::SUCCESS)
    }
}
