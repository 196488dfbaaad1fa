//! `manifest`: the program's manifest as JSON.

use crate::error::Error;
use crate::io;
use crate::session::Session;
use clap::Args;
use std::process::ExitCode;

/// Prints the manifest: everything the program can report, as JSON.
///
/// Other subcommands read a saved manifest with --manifest, without building or running the program.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo instrumental manifest -p shop > manifest.json")]
pub(crate) struct Manifest {}

impl Manifest {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        io::print(&io::json(&session.manifest()?)?)?;
        Ok(ExitCode::SUCCESS)
    }
}
